// Run with node: `node --test Tests/PageTests`.
import assert from "node:assert/strict";
import test from "node:test";
import { bytes, duration, exact, instant, microsecondsOf, storeText } from "../../Sources/JaegerCollector/Page/texts.mjs";

const durations = [
  // microseconds, rounded, exact
  [0, "0 µs", "0 µs"], [7, "7 µs", "7 µs"], [999, "999 µs", "999 µs"], [1000, "1 ms", "1 ms"],
  [1230, "1.23 ms", "1.23 ms"], [1234, "1.234 ms", "1.234 ms"], [999_600, "999.6 ms", "999.6 ms"],
  [999_999, "999.999 ms", "999.999 ms"], [1_000_000, "1 s", "1 s"], [1_234_567, "1.235 s", "1.234567 s"],
  [1_000_001, "1 s", "1.000001 s"], [59_994_000, "59.994 s", "59.994 s"], [59_999_900, "1 min", "59.9999 s"],
  [60_000_000, "1 min", "1 min"], [612_345_678, "10 min 12.35 s", "10 min 12.345678 s"],
  [612_349_999, "10 min 12.35 s", "10 min 12.349999 s"], [1_234_567_890, "20 min 34.57 s", "20 min 34.56789 s"],
  [3_599_999_000, "1 h", "59 min 59.999 s"], [3_720_000_000, "1 h 2 min", "1 h 2 min"],
  [3_600_000_001, "1 h", "1 h 0.000001 s"], [90_061_500_000, "1 d 1 h 1 min 2 s", "1 d 1 h 1 min 1.5 s"],
];
for (const [microseconds, short, whole] of durations) {
  test(`${microseconds} µs is ${short} rounded and ${whole} exactly`, () => {
    assert.equal(duration(microseconds), short);
    assert.equal(exact(microseconds), whole);
  });
}

test("fractions of a microsecond are shown on the ruler", () => {
  assert.equal(duration(0.75), "0.75 µs");
  assert.equal(duration(1250.6), "1.251 ms");
});

test("instants are formatted with microseconds and parsed again", () => {
  for (const microseconds of [1_700_000_000_123_456, 1_700_000_000_000_000, 1_800_000_000_999_999, 0, 999_999]) {
    assert.match(instant(microseconds), /\.\d{6}$/);
    assert.equal(microsecondsOf(instant(microseconds)), microseconds);
  }
  assert.equal(instant(1_700_000_000_123_456).slice(-7), ".123456");
});

test("instants out of the range of dates are shown as numbers", () => {
  assert.equal(instant(1e19), "10000000000000000000 µs since 1970");
});

test("instants are parsed without their later parts, in UTC, and as microseconds", () => {
  assert.equal(microsecondsOf("2023-11-14 22:13:20Z"), 1_700_000_000_000_000);
  assert.equal(microsecondsOf("2023-11-14T22:13:20.5Z"), 1_700_000_000_500_000);
  assert.equal(microsecondsOf("1700000000123456"), 1_700_000_000_123_456);
  assert.equal(microsecondsOf(" 2023-11-14 "), new Date(2023, 10, 14).getTime() * 1000);
});

test("texts that are not instants are rejected", () => {
  for (const text of ["", "x", "5", "2023-13-01", "2023-02-30", "2023-01-01 25:00", "2023-01-01 10:61", "2023-1-1", "-5"]) assert.equal(microsecondsOf(text), null, text);
});

test("bytes have binary units", () => {
  assert.deepEqual([5, 2048, 1.5 * 2 ** 20, 2 ** 28, 3 * 2 ** 30].map(bytes), ["5 B", "2 KiB", "1.5 MiB", "256 MiB", "3 GiB"]);
});

test("the footer contains what is kept, what was dropped and the limit that caused it", () => {
  const store = {
    keptSpans: 2, keptTraces: 1, keptBytes: 2048, maxSpans: 1_000_000, maxBytes: 2 ** 28, maxSpansPerTrace: 500_000, maxBytesPerTrace: 2 ** 27,
    evictedSpans: 0, evictedTraces: 0, truncatedSpans: 0, rejectedSpans: 0, effectiveLimit: null,
  };
  assert.equal(storeText(store), "2 spans (at most 1,000,000) in 1 trace, 2 KiB of at most 256 MiB.");
  const full = storeText({ ...store, evictedSpans: 3, evictedTraces: 1, truncatedSpans: 4, rejectedSpans: 1, effectiveLimit: "maxBytes" });
  for (const part of ["the last eviction was caused by the limit of 256 MiB (--max-memory)", "4 spans of too large traces", "1 span rejected"]) assert.ok(full.includes(part), full);
  assert.ok(storeText({ ...store, evictedSpans: 3, evictedTraces: 1, effectiveLimit: "maxSpans" }).includes("1,000,000 spans (--max-spans)"));
});
