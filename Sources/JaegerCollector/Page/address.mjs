// Parses the address of the page with pure functions, so that every address shows something.

import { microsecondsOf, instant } from "./texts.mjs";
import { parseTerms, termsOfJSON, textOfTerms } from "./terms.mjs";

/** Returns the view of a path: `{ name: "search" }`, `{ name: "trace", id }`, or `{ name: "unknown", reason }`. */
export function pageOf(path) {
  const [, name, rest] = path.match(/^\/(?:([^/]+)(?:\/(.*))?)?$/) || [, path, ""];
  if (name === undefined || (name === "search" && !rest)) return { name: "search" };
  if (name !== "trace") return { name: "unknown", reason: `There is no page at ${path}.` };
  const id = (rest || "").replace(/\/+$/, "");
  if (!id) return { name: "unknown", reason: "The address of a trace ends with its id: /trace/ID." };
  try {
    return { name: "trace", id: decodeURIComponent(id) };
  } catch {
    return { name: "unknown", reason: `${path} is not a valid address: a percent sign is not followed by two hexadecimal digits.` };
  }
}

/**
 * Returns the id of the span that a link to a trace opens, as the query API writes ids: 16 lower-case digits; "" if there is none.
 *
 * It is the fragment, or else the parameter `uiFind` of Jaeger's links; like the id of a trace it may be in upper case or without
 * leading zeros.
 */
export function spanIDOf(hash, query = new URLSearchParams()) {
  for (const text of [hash.replace(/^#/, ""), query.get("uiFind") || ""]) {
    const id = text.trim();
    if (/^[0-9a-f]{1,16}$/i.test(id)) return id.toLowerCase().padStart(16, "0");
  }
  return "";
}

/** Returns the text of the tags field for the parameters `tags` and `tag` of a link; malformed values are shown unchanged. */
export function tagsText(query) {
  const texts = [];
  for (const text of query.getAll("tags")) {
    if (!text) continue;
    try { texts.push(textOfTerms(termsOfJSON(text))); } catch { texts.push(text); }
  }
  for (const text of query.getAll("tag")) {
    const colon = text.indexOf(":");
    texts.push(colon > 0 ? textOfTerms([[text.slice(0, colon), text.slice(colon + 1)]]) : text);
  }
  return texts.join(" ");
}

/** Returns the text of the field for `start` or `end`. */
export function instantText(parameter) {
  return parameter && /^\d{1,16}$/.test(parameter) ? instant(Number(parameter)) : parameter || "";
}

/**
 * Returns the parameters of a search for the texts of the form.
 *
 * `fields` contains the texts by name; `known` the parameters of the current link, so that a time that was not edited keeps
 * its microseconds. Throws an Error for invalid input.
 */
export function searchOf(fields, known = new URLSearchParams()) {
  const wanted = new URLSearchParams();
  const text = (name) => (fields[name] || "").trim();
  if (fields.service && fields.service !== "*") wanted.set("service", fields.service);
  if (fields.operation) wanted.set("operation", fields.operation);
  const terms = parseTerms(text("tags"));
  if (terms.length) wanted.set("tags", `{${terms.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`);
  if (fields.lookback && fields.lookback !== "custom") wanted.set("lookback", fields.lookback);
  if (fields.lookback === "custom") {
    for (const name of ["start", "end"]) {
      if (!text(name)) continue;
      const given = known.get(name);
      const microseconds = given && text(name) === instantText(given) ? given : microsecondsOf(text(name));
      if (microseconds === null) throw new Error(`“${text(name)}” is not a time, such as ${instant(Date.now() * 1000).slice(0, 19)}.`);
      wanted.set(name, String(microseconds));
    }
    if (!wanted.get("start") && !wanted.get("end")) throw new Error("Enter a start or end time, or choose another period.");
  }
  for (const name of ["minDuration", "maxDuration"]) if (text(name)) wanted.set(name, text(name));
  if (text("limit")) {
    if (!/^\d{1,9}$/.test(text("limit"))) throw new Error(`“${text("limit")}” is not a number of traces; use 0 for all.`);
    wanted.set("limit", text("limit"));
  }
  return wanted;
}
