// What every view of the page needs: elements, questions to the query API, colours, and the way from view to view.

export const main = document.getElementById("main");

/** Makes an element: attributes by name, `on…` as listeners, `--…` as style properties. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("--") || name === "left" || name === "width") element.style.setProperty(name, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** The `data` of an answer; an Error with the collector's words, or with what came instead of an answer. */
export async function ask(path) {
  const response = await fetch(path).catch((error) => { throw new Error(`The collector does not answer: ${error.message}.`); });
  const text = await response.text().catch((error) => { throw new Error(`The answer broke off: ${error.message}.`); });
  let answer;
  try { answer = JSON.parse(text); } catch { throw new Error(text.trim().slice(0, 300) || `status ${response.status}`); }
  const fault = answer && answer.errors && answer.errors[0];
  if (!response.ok) throw new Error(fault ? fault.msg : `status ${response.status}`);
  return answer.data;
}

export const faultText = (text) => make("p", { class: "status fault", role: "alert" }, text);

// ---- Services

/** The names of all services in order, as far as they were asked for. */
let known = [];

export async function askServices() {
  const names = await ask("/api/services");
  known = [...names];
  return names;
}

/** A colour of its own for every service; never the red of errors. */
export function hue(name) {
  if (!known.includes(name)) known.push(name);
  // The golden section of the hues from 35° to 325°: neighbours are far apart, however many there are.
  return String(35 + known.indexOf(name) * 110.77 % 290);
}

export const serviceChip = (name, spans) =>
  make("span", { class: "chip service", "data-service": name, "--hue": hue(name) }, spans > 1 ? `${name} × ${spans}` : name);

// ---- The way from view to view

let generation = 0, showing = () => {};

/** Says what shows the view of the current address. */
export const onShow = (show) => { showing = show; };

/** Begins a view; returns whether it still is the shown one, so that a late answer draws nothing over a newer view. */
export function beginView() {
  const mine = generation += 1;
  return () => mine === generation;
}

export function go(path) {
  history.pushState(null, "", path);
  scrollTo(0, 0);
  showing();
}

export const show = () => showing();
