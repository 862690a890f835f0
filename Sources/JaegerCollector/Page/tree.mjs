// A trace as a tree: pure functions on the response of /api/traces/ID, linear in the number of spans.

/** Returns the spans in the order of the waterfall, each with its depth and whether it has children. */
export function outline(trace) {
  const bySpan = new Map();
  for (const span of trace.spans) if (!bySpan.has(span.spanID)) bySpan.set(span.spanID, span);
  const children = new Map(), roots = [];
  for (const span of trace.spans) {
    const parents = span.references.filter((reference) => reference.traceID === trace.traceID && bySpan.has(reference.spanID));
    const parent = parents.find((reference) => reference.refType === "CHILD_OF") || parents[0];
    if (!parent || bySpan.get(parent.spanID) === span) {
      roots.push(span);
      continue;
    }
    const siblings = children.get(parent.spanID);
    if (siblings) siblings.push(span);
    else children.set(parent.spanID, [span]);
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
  // Spans whose parents form a cycle have no root.
  trace.spans.forEach((span) => { if (!seen.has(span)) walk(span); });
  return rows;
}

/** Returns the start of the window of `size` rows that contains a span, 0 if there is no such span. */
export function windowStart(rows, spanID, size) {
  const index = rows.findIndex(({ span }) => span.spanID === spanID);
  return index < size ? 0 : index - index % size;
}

export const isError = (span) =>
  span.tags.some(({ key, value }) => (key === "error" && String(value) === "true") || (key === "otel.status_code" && value === "ERROR"));

/** Returns times and counts of a trace; the root is the first span without a parent, as in /api/trace-summaries. */
export function measure(trace, rows) {
  let start = Infinity, end = -Infinity, faults = 0, depth = 0;
  const services = new Map();
  for (const span of trace.spans) {
    start = Math.min(start, span.startTime);
    end = Math.max(end, span.startTime + span.duration);
    if (isError(span)) faults += 1;
    const name = trace.processes[span.processID].serviceName;
    services.set(name, (services.get(name) || 0) + 1);
  }
  for (const row of rows) depth = Math.max(depth, row.depth);
  const isRoot = (span) => !span.references.some((reference) => reference.refType === "CHILD_OF" && reference.traceID === trace.traceID);
  const root = trace.spans.find(isRoot) || rows[0].span;
  return { start, took: end - start, faults, depth: depth + 1, services, root, rootService: trace.processes[root.processID].serviceName };
}

/** Returns the warnings of a trace and of its spans, grouped if equal: [text, number of spans] (0 for the trace itself). */
export function warningsOf(trace) {
  const texts = new Map();
  // Ids and times differ between spans: one warning of each kind is shown.
  const kind = (text) => text.replace(/[0-9a-f]{16}/g, "…").replace(/by -?[0-9][0-9.hmsnµ]*$|delta of -?[0-9][0-9.hmsnµ]*$/, "…");
  for (const span of trace.spans) {
    for (const text of span.warnings || []) {
      const known = texts.get(kind(text));
      texts.set(kind(text), known ? [known[0], known[1] + 1] : [text, 1]);
    }
  }
  return [...(trace.warnings || []).map((text) => [text, 0]), ...texts.values()];
}
