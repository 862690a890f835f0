// One trace: summary, warnings, and its spans as a waterfall.

import { request, requestServices, errorText, go, hue, main, make, serviceChip } from "./dom.mjs";
import { spanIDOf } from "./address.mjs";
import { isError, measure, outline, warningsOf, windowStart } from "./tree.mjs";
import { count, duration, exact, instant } from "./texts.mjs";

const maxRows = 1000;

export async function showTrace(id, isShown) {
  main.replaceChildren(make("p", { class: "status", role: "status" }, "Loading…"));
  let trace;
  try {
    [[trace]] = await Promise.all([request(`/api/traces/${encodeURIComponent(id)}${location.search}`), requestServices()]);
    if (!trace || !trace.spans.length) throw new Error("The trace has no spans.");
  } catch (error) {
    if (isShown()) main.replaceChildren(errorText(`${id}: ${error.message}`));
    return;
  }
  if (!isShown()) return;
  const rows = outline(trace), whole = measure(trace, rows);
  document.title = `${whole.rootService}: ${whole.root.operationName} – Spoor`;
  const waterfall = make("section", { class: "waterfall", "aria-label": "Spans" }, ruler(whole));
  main.replaceChildren(
    make("h1", { class: "title" }, `${whole.rootService}: ${whole.root.operationName}`, make("span", { class: "mono" }, trace.traceID)),
    facts(whole, rows), ...warnings(trace), switches(), waterfall);
  // The fragment contains the span that was opened last, so that a link opens it.
  const spanID = spanIDOf(location.hash, new URLSearchParams(location.search));
  drawRows(waterfall, trace, whole, rows, spanID);
  const open = spanID && [...waterfall.children].find((row) => row.dataset.span === spanID);
  if (open) {
    open.click();
    open.scrollIntoView({ block: "center" });
  }
}

function facts(whole, rows) {
  const fact = (name, value, title) => make("div", { title }, make("dt", {}, name), make("dd", {}, value));
  return make("dl", { class: "facts" }, fact("Start", instant(whole.start)), fact("Duration", duration(whole.took), exact(whole.took)),
    fact("Spans", String(rows.length)), fact("Depth", String(whole.depth)), fact("Errors", String(whole.faults)),
    make("div", {}, ...[...whole.services].flatMap(([name, spans]) => [serviceChip(name, spans), " "])));
}

function warnings(trace) {
  const texts = warningsOf(trace);
  if (!texts.length) return [];
  const shown = texts.slice(0, 8).map(([text, spans]) => make("li", {}, spans ? `${count(spans, "span")}: ${text}` : text));
  if (texts.length > 8) shown.push(make("li", {}, `and ${count(texts.length - 8, "other warning")}`));
  return [make("ul", { class: "warnings", "aria-label": "Warnings" }, ...shown)];
}

/** The adjustments of the trace; each choice is part of the address. */
function switches() {
  const query = new URLSearchParams(location.search);
  const box = (text, title, isOn, choose) => make("label", { title }, make("input", { type: "checkbox", checked: isOn, onchange: (event) => {
    choose(event.target.checked);
    go(`${location.pathname}${query.size ? `?${query}` : ""}`);
  } }), ` ${text}`);
  const maxSkew = query.get("maxClockSkewAdjust");
  return make("div", { class: "switches" },
    box("Adjust clock skew", "Move spans of other hosts into their parents", maxSkew !== null && !/^0[a-z]*$/.test(maxSkew), (isOn) => query.set("maxClockSkewAdjust", isOn ? "24h" : "0")),
    box("As received", "Show repeated spans and shared span ids as received", query.get("raw") === "true", (isOn) => {
      if (isOn) query.set("raw", "true");
      else query.delete("raw");
    }));
}

const ruler = (whole) => make("div", { class: "ruler" },
  make("span", {}, "Service and operation"), make("span", { class: "ticks" }, ...[0, 25, 50, 75, 100].map((share) => {
    const place = whole.took * share / 100;
    return make("span", { class: share === 100 ? "last" : null, left: `${share}%`, title: exact(place) }, duration(place));
  })));

function drawRows(waterfall, trace, whole, rows, spanID) {
  const folded = new Set();
  // The span of the address may be far down: the rows are shown from its window on.
  let first = windowStart(rows, spanID, maxRows), end = first + maxRows;
  const button = (text, act) => make("button", { class: "more", onclick: () => { act(); draw(); } }, text);
  function draw() {
    while (waterfall.childElementCount > 1) waterfall.lastElementChild.remove();
    if (first) waterfall.append(button(`Show earlier rows (${count(first, "row")} above)`, () => { first = Math.max(0, first - maxRows); }));
    let hiddenBelow = Infinity, visible = 0;
    for (const row of rows) {
      if (row.depth > hiddenBelow) continue;
      hiddenBelow = folded.has(row) ? row.depth : Infinity;
      visible += 1;
      if (visible <= first || visible > end) continue;
      waterfall.append(spanRow(trace, whole, row, folded.has(row), () => {
        if (!folded.delete(row)) folded.add(row);
        draw();
      }));
    }
    if (visible > end) waterfall.append(button(`Show more of ${count(visible, "row")}`, () => { end += maxRows; }));
  }
  draw();
}

function spanRow(trace, whole, { span, depth, hasChildren }, isFolded, fold) {
  const service = trace.processes[span.processID].serviceName;
  const share = (microseconds) => `${whole.took ? microseconds / whole.took * 100 : 0}%`;
  const offset = span.startTime - whole.start, end = offset + span.duration;
  // If there is no room after the block, its duration is shown within it or before it.
  const place = end < whole.took * 0.88 ? "after" : span.duration > whole.took * 0.15 ? "within" : "before";
  const times = `starts at +${exact(offset)}, lasts ${exact(span.duration)}`;
  const toggle = () => {
    const isOpen = row.getAttribute("aria-expanded") === "true";
    row.setAttribute("aria-expanded", String(!isOpen));
    history.replaceState(null, "", `${location.pathname}${location.search}${isOpen ? "" : `#${span.spanID}`}`);
    if (isOpen) row.nextElementSibling.remove();
    else row.after(spanDetails(trace, whole, span));
  };
  const row = make("div", { class: "row", role: "button", tabindex: "0", "aria-expanded": "false", "data-span": span.spanID, "data-service": service, "--hue": hue(service), onclick: toggle,
    onkeydown: (event) => { if (event.target === row && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); toggle(); } } },
    make("div", { class: "label", "--depth": String(Math.min(depth, 24)), title: `${service}: ${span.operationName}` },
      hasChildren ? make("button", { class: "fold", "aria-label": isFolded ? "Unfold" : "Fold", onclick: (event) => { event.stopPropagation(); fold(); } }, isFolded ? "▸" : "▾") : make("span", { class: "fold" }),
      make("span", { class: "bar" }), isError(span) ? make("span", { class: "mark", role: "img", "aria-label": "error", title: "error" }, "!") : null,
      span.warnings ? make("span", { class: "mark warned", role: "img", "aria-label": "has warnings", title: span.warnings.join("\n") }, "?") : null,
      make("b", {}, service), make("span", { class: "op" }, span.operationName)),
    make("div", { class: "lane", title: times }, make("div", { class: "block", left: share(offset), width: share(span.duration) }),
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
  const offset = (time) => time < whole.start ? `−${exact(whole.start - time)}` : `+${exact(time - whole.start)}`;
  const logs = span.logs.flatMap((log) => log.fields.map(({ key, value }, index) => [index ? "" : offset(log.timestamp), `${key} = ${value}`]));
  return make("div", { class: "details", "data-service": process.serviceName, "--hue": hue(process.serviceName) },
    make("div", { class: "summary dim" }, make("span", {}, `starts at ${offset(span.startTime)}`), make("span", {}, `lasts ${exact(span.duration)}`),
      make("span", {}, instant(span.startTime)), make("span", { class: "mono" }, `span ${span.spanID}`)),
    table("Warnings", (span.warnings || []).map((text) => ["", text])),
    table("Tags", pairs(span.tags)), table(`Process · ${process.serviceName}`, pairs(process.tags)),
    table("Logs", logs), table("References", span.references.map(link)));
}
