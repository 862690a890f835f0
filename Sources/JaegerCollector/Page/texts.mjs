// Formats numbers and times with pure functions.

/** Formats a duration, from a minute on in parts, shorter ones in one unit; rounded for quick reading. */
export function duration(microseconds) {
  const us = Math.max(0, microseconds);
  if (us < 1e3) return `${round(us, 3)} µs`;
  if (us < 1e6) return `${round(us / 1e3, 3)} ms`;
  if (us < 3600e6) return parts(Math.round(us / 1e4) / 100 >= 60 ? Math.round(us / 1e4) * 1e4 : Math.round(us / 1e3) * 1e3);
  return parts(Math.round(us / 1e6) * 1e6);
}

/** Formats a duration exactly, in microseconds. */
export function exact(microseconds) {
  const us = Math.max(0, Math.round(microseconds));
  if (us < 1e3) return `${us} µs`;
  if (us < 1e6) return `${round(us / 1e3, 3)} ms`;
  return parts(us);
}

const round = (number, digits) => String(+number.toFixed(digits));

/** Formats whole microseconds as days, hours, minutes and seconds; parts that are zero are omitted. */
function parts(us) {
  const fraction = String(us % 1e6).padStart(6, "0").replace(/0+$/, "");
  const whole = Math.floor(us / 1e6);
  const texts = [];
  for (const [unit, number] of [["d", Math.floor(whole / 86400)], ["h", Math.floor(whole / 3600) % 24], ["min", Math.floor(whole / 60) % 60]]) {
    if (number) texts.push(`${number} ${unit}`);
  }
  const seconds = `${whole % 60}${fraction ? `.${fraction}` : ""}`;
  if (seconds !== "0" || !texts.length) texts.push(`${seconds} s`);
  return texts.join(" ");
}

/** Formats local date and time with microseconds, or the number if it is out of the range of dates. */
export function instant(microseconds) {
  const date = new Date(Math.floor(microseconds / 1000));
  if (Number.isNaN(date.getTime())) return `${microseconds} µs since 1970`;
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(((microseconds % 1e6) + 1e6) % 1e6).padStart(6, "0")}`;
}

/** Parses the format of `instant`, also without the later parts; microseconds as a number are accepted as well. Null for any other text. */
export function microsecondsOf(text) {
  const trimmed = text.trim();
  if (/^\d{9,16}$/.test(trimmed)) return Number(trimmed);
  const match = trimmed.match(/^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z)?)?$/);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part || 0));
  const milliseconds = match[8] ? Date.UTC(year, month - 1, day, hour, minute, second)
    : new Date(year, month - 1, day, hour, minute, second).getTime();
  const date = new Date(milliseconds);
  const isSame = match[8] ? date.getUTCMonth() === month - 1 && date.getUTCDate() === day : date.getMonth() === month - 1 && date.getDate() === day;
  if (!isSame || hour > 23 || minute > 59 || second > 59) return null;
  return milliseconds * 1000 + Number((match[7] || "").padEnd(6, "0"));
}

export function ago(microseconds, now = Date.now()) {
  const seconds = (now - microseconds / 1000) / 1000;
  if (seconds < 0) return "in the future";
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    const number = Math.floor(seconds / size);
    if (number >= 1) return `${number} ${unit}${number > 1 ? "s" : ""} ago`;
  }
  return "just now";
}

export const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

export function bytes(number) {
  for (const [unit, size] of [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]]) {
    if (number >= size) return `${round(number / size, 1)} ${unit}`;
  }
  return `${number} B`;
}

/** Describes what the store keeps and has dropped, and which of its limits caused that. */
export function storeText(store) {
  const sentences = [`${count(store.keptSpans, "span")} (at most ${store.maxSpans.toLocaleString("en")}) in ${count(store.keptTraces, "trace")}, ` +
    `${bytes(store.keptBytes)} of at most ${bytes(store.maxBytes)}.`];
  if (store.evictedSpans) {
    const limit = store.effectiveLimit === "maxBytes" ? `the limit of ${bytes(store.maxBytes)} (--max-memory)` : `the limit of ${count(store.maxSpans, "span")} (--max-spans)`;
    sentences.push(`${count(store.evictedTraces, "older trace")} with ${count(store.evictedSpans, "span")} were evicted; the last eviction was caused by ${limit}.`);
  }
  if (store.truncatedSpans) {
    sentences.push(`${count(store.truncatedSpans, "span")} of too large traces were dropped: a trace may have ${count(store.maxSpansPerTrace, "span")} (--max-trace-spans) ` +
      `and ${bytes(store.maxBytesPerTrace)} (--max-trace-memory).`);
  }
  if (store.rejectedSpans) sentences.push(`${count(store.rejectedSpans, "span")} rejected.`);
  return sentences.join(" ");
}
