// What an address of the page asks for: pure functions, so that no address leaves the page blank.

import { microsecondsOf, instant } from "./texts.mjs";
import { parseTerms, termsOfObject, textOfTerms } from "./terms.mjs";

/** The page of a path: `{ name: "search" }`, `{ name: "trace", id }`, or `{ name: "unknown", reason }`. */
export function pageOf(path) {
  const [, name, rest] = path.match(/^\/(?:([^/]+)(?:\/(.*))?)?$/) || [, path, ""];
  if (name === undefined || (name === "search" && !rest)) return { name: "search" };
  if (name !== "trace") return { name: "unknown", reason: `There is no page at ${path}.` };
  const id = (rest || "").replace(/\/+$/, "");
  if (!id) return { name: "unknown", reason: "The address of a trace ends with its id: /trace/ID." };
  try {
    return { name: "trace", id: decodeURIComponent(id) };
  } catch {
    return { name: "unknown", reason: `${path} is no address: a percent sign in it is not followed by the code of a character.` };
  }
}

/** The text for the field of tags, from the parameters `tags` and `tag` of a link; what cannot be read is shown as it is. */
export function tagsText(query) {
  const texts = [];
  for (const text of query.getAll("tags")) {
    if (!text) continue;
    try { texts.push(textOfTerms(termsOfObject(JSON.parse(text)))); } catch { texts.push(text); }
  }
  for (const text of query.getAll("tag")) {
    const colon = text.indexOf(":");
    texts.push(colon > 0 ? textOfTerms([[text.slice(0, colon), text.slice(colon + 1)]]) : text);
  }
  return texts.join(" ");
}

/** The text of the field for `start` or `end`. */
export function instantText(parameter) {
  return parameter && /^\d{1,16}$/.test(parameter) ? instant(Number(parameter)) : parameter || "";
}

/**
 * The parameters of a search, from the texts of the form.
 *
 * `fields` has the texts by name; `known` the parameters of the shown link, so that an instant that was not edited stays
 * the same to the microsecond. Throws an Error for what cannot be understood.
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
      if (microseconds === null) throw new Error(`“${text(name)}” is no time such as ${instant(Date.now() * 1000).slice(0, 19)}.`);
      wanted.set(name, String(microseconds));
    }
    if (!wanted.get("start") && !wanted.get("end")) throw new Error("Give a time to search from or until, or choose another period.");
  }
  for (const name of ["minDuration", "maxDuration"]) if (text(name)) wanted.set(name, text(name));
  if (text("limit")) {
    if (!/^\d{1,9}$/.test(text("limit"))) throw new Error(`“${text("limit")}” is no number of traces; 0 is for all.`);
    wanted.set("limit", text("limit"));
  }
  return wanted;
}
