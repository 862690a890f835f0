"use strict";
// Draws what Jaeger's query API answers. Data enters the document as text only, never as markup.

const main = document.getElementById("main");
const rowsMax = 1000;
/** Counts the pages shown, so that an answer that comes late draws nothing over a newer page. */
let generation = 0;

/** Makes an element: attributes by name, `on…` as listeners, `--…` as style properties. */
function make(tag, attributes = {}, ...children) {
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

async function ask(path) {
  const response = await fetch(path);
  const answer = await response.json();
  const fault = answer.errors && answer.errors[0];
  if (!response.ok) throw new Error(fault ? fault.msg : `status ${response.status}`);
  return answer.data;
}

// ---- Texts

function duration(microseconds) {
  for (const [unit, size] of [["s", 1e6], ["ms", 1e3]]) {
    if (microseconds >= size) return `${+(microseconds / size).toPrecision(3)} ${unit}`;
  }
  return `${microseconds} µs`;
}

function instant(microseconds) {
  const date = new Date(microseconds / 1000);
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

function ago(microseconds) {
  const seconds = (Date.now() - microseconds / 1000) / 1000;
  if (seconds < 0) return "in the future";
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    const count = Math.floor(seconds / size);
    if (count >= 1) return `${count} ${unit}${count > 1 ? "s" : ""} ago`;
  }
  return "just now";
}

const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

/** The names of all services in order, as far as they were asked for. */
let known = [];

/** A colour of its own for every service, the same on every page; never the red of errors. */
function hue(name) {
  if (!known.includes(name)) known.push(name);
  // The golden section of the hues from 35° to 325°: neighbours are far apart, however many there are.
  return String(35 + known.indexOf(name) * 110.77 % 290);
}

const serviceChip = (name, spans) =>
  make("span", { class: "chip service", "data-service": name, "--hue": hue(name) }, spans > 1 ? `${name} × ${spans}` : name);

const isFault = (span) =>
  span.tags.some(({ key, value }) => (key === "error" && String(value) === "true") || (key === "otel.status_code" && value === "ERROR"));

// ---- A trace as a tree

/** Spans in the order of the waterfall, each with its depth and how many rows are under it. */
function outline(trace) {
  const bySpan = new Map();
  for (const span of trace.spans) if (!bySpan.has(span.spanID)) bySpan.set(span.spanID, span);
  const children = new Map(), roots = [];
  for (const span of trace.spans) {
    const parents = span.references.filter((reference) => reference.traceID === trace.traceID && bySpan.has(reference.spanID));
    const parent = parents.find((reference) => reference.refType === "CHILD_OF") || parents[0];
    if (!parent || bySpan.get(parent.spanID) === span) roots.push(span);
    else children.set(parent.spanID, [...(children.get(parent.spanID) || []), span]);
  }
  const rows = [], seen = new Set();
  function walk(root) {
    const open = [[root, 0]];
    while (open.length) {
      const [span, depth] = open.pop();
      if (seen.has(span)) continue;
      seen.add(span);
      const own = bySpan.get(span.spanID) === span ? children.get(span.spanID) || [] : [];
      rows.push({ span, depth, hasChildren: own.length > 0 });
      for (let index = own.length - 1; index >= 0; index--) open.push([own[index], depth + 1]);
    }
  }
  roots.forEach(walk);
  // Spans whose parents run in a circle hang on no root.
  trace.spans.forEach((span) => { if (!seen.has(span)) walk(span); });
  return rows;
}

function measure(trace) {
  let start = Infinity, end = -Infinity, faults = 0;
  const services = new Map();
  for (const span of trace.spans) {
    start = Math.min(start, span.startTime);
    end = Math.max(end, span.startTime + span.duration);
    if (isFault(span)) faults += 1;
    const name = trace.processes[span.processID].serviceName;
    services.set(name, (services.get(name) || 0) + 1);
  }
  const root = outline(trace)[0].span;
  return { start, took: end - start, faults, services, root, rootService: trace.processes[root.processID].serviceName };
}

// ---- Search

/** `a=b c:"d e"` as an object; what is neither is ignored. */
function tagsOf(text) {
  const tags = {};
  for (const [, key, quoted, plain] of text.matchAll(/([^\s=:"]+)\s*[=:]\s*(?:"((?:[^"\\]|\\.)*)"|(\S*))/g)) {
    tags[key] = quoted !== undefined ? quoted.replace(/\\(.)/g, "$1") : plain;
  }
  return tags;
}

const textOfTags = (tags) =>
  Object.entries(tags).map(([key, value]) => `${key}=${/[\s"]/.test(value) ? JSON.stringify(value) : value}`).join(" ");

async function showSearch() {
  const mine = generation;
  const query = new URLSearchParams(location.search);
  let tags = {};
  try { tags = JSON.parse(query.get("tags") || "{}"); } catch { /* shown as none */ }
  const option = (value, text, chosen) => make("option", { value, selected: value === chosen }, text);
  const service = make("select", { name: "service", onchange: () => fillOperations("") }, option("*", "All services", ""));
  const operation = make("select", { name: "operation" });
  const field = (name, text, placeholder, className) => make("label", { class: className }, text,
    make("input", { name, placeholder, value: query.get(name) || "", autocomplete: "off", spellcheck: "false" }));
  const tagField = field("tags", "Tags", "jaeger-debug-id=my-bug  http.status_code=500", "widest");
  tagField.lastChild.value = textOfTags(tags);
  const form = make("form", { class: "search", onsubmit: submit },
    make("label", { class: "wide" }, "Service", service), make("label", { class: "wide" }, "Operation", operation),
    make("label", { class: "wide" }, "Started", make("select", { name: "lookback" }, ...[["", "any time"], ["5m", "in the last 5 minutes"],
      ["1h", "in the last hour"], ["6h", "in the last 6 hours"], ["2d", "in the last 2 days"]].map(([value, text]) => option(value, text, query.get("lookback") || "")))),
    tagField, field("minDuration", "Lasted at least", "100ms"), field("maxDuration", "at most", "1.5s"),
    make("button", { class: "primary" }, "Find traces"));
  const status = make("p", { class: "status", role: "status" }, "Searching…");
  const list = make("ol", { class: "traces" });
  document.title = "Spoor";
  main.replaceChildren(form, status, list);

  async function fillOperations(chosen) {
    operation.replaceChildren(option("", "All operations", ""));
    operation.disabled = service.value === "*";
    if (operation.disabled) return;
    const names = await ask(`/api/services/${encodeURIComponent(service.value)}/operations`);
    operation.append(...names.map((name) => option(name, name, chosen)));
  }

  function submit(event) {
    event.preventDefault();
    const wanted = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      const text = name === "tags" && value.trim() ? JSON.stringify(tagsOf(value)) : value.trim();
      if (text && text !== "*") wanted.set(name, text);
    }
    go(`/search?${wanted}`);
  }

  try {
    const names = await ask("/api/services");
    known = [...names];
    const chosen = query.get("service");
    if (chosen && !names.includes(chosen)) names.push(chosen);
    service.append(...names.map((name) => option(name, name, chosen)));
    await fillOperations(query.get("operation"));
    if (!query.get("service")) query.set("service", "*");
    if (!query.get("limit")) query.set("limit", "50");
    const traces = await ask(`/api/traces?${query}`);
    if (mine !== generation) return;
    const longest = Math.max(1, ...traces.map((trace) => measure(trace).took));
    status.textContent = traces.length ? `${count(traces.length, "trace")}, newest first`
      : names.length ? "No trace matches." : "No traces yet. Send spans to POST /api/traces on the ingest port (14268 unless set otherwise).";
    list.append(...traces.map((trace) => summary(trace, longest)));
  } catch (error) {
    status.classList.add("fault");
    status.textContent = error.message;
  }
}

function summary(trace, longest) {
  const { start, took, faults, services, root, rootService } = measure(trace);
  return make("li", {}, make("a", { href: `/trace/${trace.traceID}`, "data-link": true },
    make("span", { class: "name" }, `${rootService}: ${root.operationName}`), make("span", { class: "took" }, duration(took)),
    make("span", { class: "chips" }, make("span", { class: "chip" }, count(trace.spans.length, "span")),
      faults ? make("span", { class: "chip fault" }, count(faults, "error")) : null,
      ...[...services].sort((one, other) => other[1] - one[1]).map(([name, spans]) => serviceChip(name, spans)),
      make("span", { class: "mono dim" }, trace.traceID.slice(0, 7))),
    make("span", { class: "when", title: instant(start) }, `${instant(start).slice(0, 19)} · ${ago(start)}`),
    make("span", { class: "share", width: `${took / longest * 100}%` })));
}

// ---- One trace

async function showTrace(id) {
  const mine = generation;
  main.replaceChildren(make("p", { class: "status", role: "status" }, "Loading…"));
  let trace;
  try {
    [[trace], known] = await Promise.all([ask(`/api/traces/${encodeURIComponent(id)}`), ask("/api/services")]);
  } catch (error) {
    if (mine === generation) main.replaceChildren(make("p", { class: "status fault", role: "status" }, `${id}: ${error.message}`));
    return;
  }
  if (mine !== generation) return;
  const whole = measure(trace), rows = outline(trace);
  const fact = (name, value) => make("div", {}, make("dt", {}, name), make("dd", {}, value));
  document.title = `${whole.rootService}: ${whole.root.operationName} – Spoor`;
  const waterfall = make("section", { class: "waterfall", "aria-label": "Spans" }, make("div", { class: "ruler" },
    make("span", {}, "Service and operation"), make("span", { class: "ticks" }, ...[0, 25, 50, 75, 100].map((share) =>
      make("span", { class: share === 100 ? "last" : null, left: `${share}%` }, duration(Math.round(whole.took * share / 100)))))));
  main.replaceChildren(
    make("h1", { class: "title" }, `${whole.rootService}: ${whole.root.operationName}`, make("span", { class: "mono" }, trace.traceID)),
    make("dl", { class: "facts" }, fact("Start", instant(whole.start)), fact("Duration", duration(whole.took)),
      fact("Spans", String(rows.length)), fact("Depth", String(rows.reduce((most, row) => Math.max(most, row.depth), 0) + 1)),
      fact("Errors", String(whole.faults)), make("div", {}, ...[...whole.services].flatMap(([name, spans]) => [serviceChip(name, spans), " "]))),
    waterfall);
  const folded = new Set();
  let shown = rowsMax;
  function draw() {
    while (waterfall.childElementCount > 1) waterfall.lastElementChild.remove();
    let hiddenBelow = Infinity, drawn = 0;
    for (const row of rows) {
      if (row.depth > hiddenBelow) continue;
      hiddenBelow = folded.has(row) ? row.depth : Infinity;
      if (drawn++ >= shown) continue;
      waterfall.append(spanRow(trace, whole, row, folded.has(row), () => {
        if (!folded.delete(row)) folded.add(row);
        draw();
      }));
    }
    if (drawn > shown) waterfall.append(make("button", { class: "more", onclick: () => { shown += rowsMax; draw(); } }, `Show more of ${count(drawn, "row")}`));
  }
  draw();
  // The fragment names the span that was opened last, so that a link leads to it.
  const open = [...waterfall.children].find((row) => row.dataset.span && `#${row.dataset.span}` === location.hash);
  if (open) {
    open.click();
    open.scrollIntoView({ block: "center" });
  }
}

function spanRow(trace, whole, { span, depth, hasChildren }, isFolded, fold) {
  const service = trace.processes[span.processID].serviceName;
  const share = (microseconds) => `${whole.took ? microseconds / whole.took * 100 : 0}%`;
  const offset = span.startTime - whole.start, end = offset + span.duration;
  // Where there is no room behind the block, its duration stands within it or before it.
  const place = end < whole.took * 0.88 ? "behind" : span.duration > whole.took * 0.15 ? "within" : "before";
  const toggle = () => {
    const isOpen = row.getAttribute("aria-expanded") === "true";
    row.setAttribute("aria-expanded", String(!isOpen));
    history.replaceState(null, "", isOpen ? location.pathname : `#${span.spanID}`);
    if (isOpen) row.nextElementSibling.remove();
    else row.after(spanDetails(trace, whole, span));
  };
  const row = make("div", { class: "row", role: "button", tabindex: "0", "aria-expanded": "false", "data-span": span.spanID, "data-service": service, "--hue": hue(service), onclick: toggle,
    onkeydown: (event) => { if (event.target === row && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); toggle(); } } },
    make("div", { class: "label", "--depth": String(Math.min(depth, 24)), title: `${service}: ${span.operationName}` },
      hasChildren ? make("button", { class: "fold", "aria-label": isFolded ? "Unfold" : "Fold", onclick: (event) => { event.stopPropagation(); fold(); } }, isFolded ? "▸" : "▾") : make("span", { class: "fold" }),
      make("span", { class: "bar" }), isFault(span) ? make("span", { class: "mark", title: "error" }, "!") : null,
      make("b", {}, service), make("span", { class: "op" }, span.operationName)),
    make("div", { class: "lane" }, make("div", { class: "block", left: share(offset), width: share(span.duration) }),
      ...span.logs.slice(0, 50).filter((log) => log.timestamp >= whole.start && log.timestamp <= whole.start + whole.took)
        .map((log) => make("div", { class: "tick", left: share(log.timestamp - whole.start) })),
      make("span", { class: `took-at ${place}`, left: share(place === "before" ? offset : end) }, duration(span.duration))));
  return row;
}

function spanDetails(trace, whole, span) {
  const process = trace.processes[span.processID];
  const table = (title, pairs) => pairs.length ? make("section", {}, make("h3", {}, title), make("table", {}, make("tbody", {},
    ...pairs.map(([key, value]) => make("tr", {}, make("td", {}, key), make("td", {}, value)))))) : null;
  const pairs = (tags) => tags.map(({ key, value }) => [key, String(value)]);
  const link = ({ traceID, spanID, refType }) => [refType, traceID === trace.traceID ? spanID
    : make("a", { href: `/trace/${traceID}`, "data-link": true }, `${spanID} in trace ${traceID}`)];
  const logs = span.logs.flatMap((log) => log.fields.map(({ key, value }, index) =>
    [index ? "" : `+${duration(Math.max(0, log.timestamp - whole.start))}`, `${key} = ${value}`]));
  return make("div", { class: "details", "data-service": process.serviceName, "--hue": hue(process.serviceName) },
    make("div", { class: "summary dim" }, make("span", {}, `starts at +${duration(span.startTime - whole.start)}`),
      make("span", {}, `lasts ${duration(span.duration)}`), make("span", { class: "mono" }, `span ${span.spanID}`)),
    table("Tags", pairs(span.tags)), table(`Process · ${process.serviceName}`, pairs(process.tags)),
    table("Logs", logs), table("References", span.references.map(link)));
}

// ---- The way through the pages

function show() {
  generation += 1;
  const [, id] = location.pathname.match(/^\/trace\/([^/]+)/) || [];
  const drawn = id ? showTrace(decodeURIComponent(id)) : showSearch();
  return drawn.then(showCounts);
}

async function showCounts() {
  try {
    const store = await ask("/api/store");
    document.getElementById("footer").textContent = `${count(store.keptSpans, "span")} in ${count(store.keptTraces, "trace")} kept` +
      (store.evictedSpans ? `, ${count(store.evictedSpans, "older span")} gone to make room` : "") +
      (store.refusedSpans ? `, ${count(store.refusedSpans, "span")} refused` : "") + ".";
  } catch { /* the collector is away: the page above says so */ }
}

function go(path) {
  history.pushState(null, "", path);
  scrollTo(0, 0);
  show();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-link]");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link.getAttribute("href"));
});
document.getElementById("lookup").addEventListener("submit", (event) => {
  event.preventDefault();
  const id = new FormData(event.target).get("id").trim();
  if (id) go(`/trace/${encodeURIComponent(id)}`);
});
addEventListener("popstate", show);
show();
