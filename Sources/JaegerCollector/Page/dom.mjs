// Shared by all views of the page: elements, requests to the query API, colours, and navigation.

export const main = document.getElementById("main");

/** Creates an element: attributes by name, `on…` as listeners, `--…` as style properties. */
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

/** Returns the `data` of a response; throws an Error with the collector's message, or with the text of an unexpected response. */
export async function request(path) {
  const response = await fetch(path).catch((error) => { throw new Error(`The collector cannot be reached: ${error.message}.`); });
  const text = await response.text().catch((error) => { throw new Error(`The response was interrupted: ${error.message}.`); });
  let answer;
  try { answer = JSON.parse(text); } catch { throw new Error(text.trim().slice(0, 300) || `status ${response.status}`); }
  const fault = answer && answer.errors && answer.errors[0];
  if (!response.ok) throw new Error(fault ? fault.msg : `status ${response.status}`);
  return answer.data;
}

export const errorText = (text) => make("p", { class: "status fault", role: "alert" }, text);

// ---- Services

/** The names of all services in order, as far as they have been requested. */
let known = [];

export async function requestServices() {
  const names = await request("/api/services");
  known = [...names];
  return names;
}

/** Returns a separate colour for each service; never the red of errors. */
export function hue(name) {
  if (!known.includes(name)) known.push(name);
  // The golden section of the hues from 35° to 325°: neighbouring services differ clearly, regardless of their number.
  return String(35 + known.indexOf(name) * 110.77 % 290);
}

export const serviceChip = (name, spans) =>
  make("span", { class: "chip service", "data-service": name, "--hue": hue(name) }, spans > 1 ? `${name} × ${spans}` : name);

// ---- Navigation

let generation = 0, showing = () => {};

/** Sets the function that shows the view of the current address. */
export const onShow = (show) => { showing = show; };

/** Starts a view; returns a function that returns whether it is still shown, so that a late response does not replace a newer view. */
export function startView() {
  const mine = generation += 1;
  return () => mine === generation;
}

export function go(path) {
  history.pushState(null, "", path);
  scrollTo(0, 0);
  showing();
}

export const show = () => showing();
