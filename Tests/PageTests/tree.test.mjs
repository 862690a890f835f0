import assert from "node:assert/strict";
import test from "node:test";
import { measure, outline, warningsOf, windowStart } from "../../Sources/JaegerCollector/Page/tree.mjs";

const span = (spanID, parent, more = {}) => ({
  traceID: "t", spanID, operationName: spanID, processID: "p1", startTime: 10, duration: 5, tags: [], logs: [], warnings: null,
  references: parent ? [{ refType: "CHILD_OF", traceID: "t", spanID: parent }] : [], ...more,
});
const trace = (...spans) => ({ traceID: "t", spans, processes: { p1: { serviceName: "s", tags: [] } }, warnings: null });
const shape = (rows) => rows.map((row) => "-".repeat(row.depth) + row.span.spanID).join(" ");

test("children are under their parents in order", () => {
  assert.equal(shape(outline(trace(span("a"), span("b", "a"), span("c", "a"), span("d", "b")))), "a -b --d -c");
});

test("orphans, cycles and repeated ids are shown once each", () => {
  assert.equal(shape(outline(trace(span("a", "gone"), span("b", "c"), span("c", "b"), span("a", "a"), span("a")))), "a -a a b -c");
});

for (const [name, parentOf] of [["one parent", () => "s0"], ["a chain", (index) => `s${index - 1}`], ["a tree", (index) => `s${Math.floor((index - 1) / 2)}`]]) {
  test(`200 000 spans under ${name} are outlined in linear time`, { timeout: 20_000 }, () => {
    const spans = [span("s0")];
    for (let index = 1; index < 200_000; index++) spans.push(span(`s${index}`, parentOf(index)));
    const rows = outline(trace(...[])), whole = outline({ ...trace(), spans });
    assert.equal(rows.length, 0);
    assert.equal(whole.length, 200_000);
  });
}

test("a trace is measured from its first start to its last end", () => {
  const measured = trace(span("b", "gone", { startTime: 5, duration: 1 }), span("a", null, { startTime: 8, duration: 12, tags: [{ key: "error", value: true }] }));
  const whole = measure(measured, outline(measured));
  assert.deepEqual([whole.start, whole.took, whole.faults, whole.depth, whole.root.spanID], [5, 15, 1, 1, "a"]);
});

test("warnings of one kind are counted together", () => {
  const skew = (delta) => [`clock skew adjustment disabled; not applying calculated delta of ${delta}`];
  const warned = { ...trace(span("a", null, { warnings: skew("5s") }), span("b", "a", { warnings: skew("-1m0.5s") }), span("c")), warnings: ["cut"] };
  assert.deepEqual(warningsOf(warned), [["cut", 0], [skew("5s")[0], 2]]);
});

test("the first shown row is the start of the window that contains the span of the address", () => {
  const rows = outline(trace(...Array.from({ length: 2500 }, (_, index) => span(`s${index}`))));
  for (const [id, start] of [["s0", 0], ["s999", 0], ["s1000", 1000], ["s1999", 1000], ["s2499", 2000], ["gone", 0], ["", 0]]) {
    assert.equal(windowStart(rows, id, 1000), start, id);
  }
});
