// The list of traces: a form, and the summaries of the results.

import { instantText, searchOf, tagsText } from "./address.mjs";
import { request, requestServices, errorText, go, main, make, serviceChip } from "./dom.mjs";
import { parseTerms } from "./terms.mjs";
import { ago, count, duration, exact, instant } from "./texts.mjs";

const defaultLimit = "50";
const periods = [["", "any time"], ["5m", "in the last 5 minutes"], ["1h", "in the last hour"], ["6h", "in the last 6 hours"],
  ["2d", "in the last 2 days"], ["custom", "between two times"]];

export async function showSearch(isShown) {
  const query = new URLSearchParams(location.search);
  const form = searchForm(query);
  const status = make("p", { class: "status", role: "status" }, "Searching…");
  const list = make("ol", { class: "traces" });
  document.title = "Spoor";
  main.replaceChildren(form.element, status, list);
  const fail = (error) => { if (isShown()) status.replaceWith(errorText(error.message)); };
  let names = [];
  try {
    names = await requestServices();
    await form.fillServices(names);
  } catch (error) {
    return fail(error);
  }
  try {
    // The field must show what is searched for: a malformed term is an error.
    parseTerms(tagsText(query));
    if (!query.get("service")) query.set("service", "*");
    if (!query.get("limit")) query.set("limit", defaultLimit);
    const traces = await request(`/api/trace-summaries?${query}`);
    if (!isShown()) return;
    const longest = Math.max(1, ...traces.map((trace) => trace.duration));
    const isFull = String(traces.length) === query.get("limit");
    status.textContent = traces.length
      ? isFull ? `The newest ${count(traces.length, "trace")}; there may be more: raise the limit.` : `${count(traces.length, "trace")}, newest first`
      : names.length ? "No trace matches." : "No traces yet. Send spans to POST /api/traces on the ingest port (14268 by default).";
    list.append(...traces.map((trace) => summary(trace, longest)));
  } catch (error) {
    fail(error);
  }
}

function searchForm(query) {
  const option = (value, text, chosen) => make("option", { value, selected: value === chosen }, text);
  const field = (name, text, placeholder, className, value = query.get(name) || "") => make("label", { class: className }, text,
    make("input", { name, placeholder, value, autocomplete: "off", spellcheck: "false" }));
  const service = make("select", { name: "service", onchange: () => fillOperations("").catch(complain) }, option("*", "All services", ""));
  const operation = make("select", { name: "operation" });
  const hasInstants = Boolean(query.get("start") || query.get("end"));
  const period = hasInstants ? "custom" : query.get("lookback") || "";
  const choices = periods.some(([value]) => value === period) ? periods : [...periods, [period, `in the last ${period}`]];
  const lookback = make("select", { name: "lookback", onchange: () => showInstants() }, ...choices.map(([value, text]) => option(value, text, period)));
  const instants = ["start", "end"].map((name) =>
    field(name, name === "start" ? "From" : "Until", "2026-01-31 12:00:00", "", instantText(query.get(name))));
  const problem = make("p", { class: "status fault widest", role: "alert", hidden: true });
  const element = make("form", { class: "search", onsubmit: submit },
    make("label", { class: "wide" }, "Service", service), make("label", { class: "wide" }, "Operation", operation),
    make("label", { class: "wide" }, "Started", lookback), ...instants,
    field("tags", "Tags", "error  http.status_code=500  k=\"a b\"", "widest", tagsText(query)),
    field("minDuration", "Lasted at least", "100ms"), field("maxDuration", "at most", "1.5s"),
    field("limit", "Limit", defaultLimit), make("button", { class: "primary" }, "Find traces"), problem);
  let filling = 0;

  function showInstants() {
    for (const label of instants) label.hidden = lookback.value !== "custom";
  }

  function complain(error) {
    problem.textContent = error.message;
    problem.hidden = false;
  }

  async function fillOperations(chosen) {
    const mine = filling += 1;
    operation.replaceChildren(option("", "All operations", ""));
    operation.disabled = service.value === "*" && !chosen;
    if (operation.disabled) return;
    if (service.value === "*") return operation.append(option(chosen, chosen, chosen));
    const operations = await request(`/api/operations?service=${encodeURIComponent(service.value)}`);
    if (mine !== filling) return;
    const names = [...new Set(operations.map(({ name }) => name))];
    // A link may contain an operation that is no longer stored: it is searched for, so it is shown.
    if (chosen && !names.includes(chosen)) names.push(chosen);
    operation.append(...names.map((name) => option(name, name, chosen)));
  }

  function submit(event) {
    event.preventDefault();
    try {
      go(`/search?${searchOf(Object.fromEntries(new FormData(element)), query)}`);
    } catch (error) {
      complain(error);
    }
  }

  async function fillServices(names) {
    const chosen = query.get("service");
    const all = chosen && chosen !== "*" && !names.includes(chosen) ? [...names, chosen] : names;
    service.append(...all.map((name) => option(name, name, chosen)));
    await fillOperations(query.get("operation"));
  }

  showInstants();
  return { element, fillServices };
}

function summary(trace, longest) {
  const name = `${trace.rootServiceName}: ${trace.rootOperationName}`;
  const warnings = [...(trace.warnings || []), ...(trace.spanWarningCount ? [`${count(trace.spanWarningCount, "span")} with warnings`] : [])];
  return make("li", {}, make("a", { href: `/trace/${trace.traceID}`, "data-link": true },
    make("span", { class: "name", title: name }, name), make("span", { class: "took", title: exact(trace.duration) }, duration(trace.duration)),
    make("span", { class: "chips" }, make("span", { class: "chip" }, count(trace.spanCount, "span")),
      trace.errorSpanCount ? make("span", { class: "chip fault" }, count(trace.errorSpanCount, "error")) : null,
      warnings.length ? make("span", { class: "chip warned", title: warnings.join("\n") }, "warnings") : null,
      ...[...trace.services].sort((one, other) => other.spanCount - one.spanCount).map((service) => serviceChip(service.name, service.spanCount)),
      make("span", { class: "mono dim" }, trace.traceID.slice(0, 7))),
    make("span", { class: "when", title: instant(trace.startTime) }, `${instant(trace.startTime).slice(0, 19)} · ${ago(trace.startTime)}`),
    make("span", { class: "share", width: `${trace.duration / longest * 100}%` })));
}
