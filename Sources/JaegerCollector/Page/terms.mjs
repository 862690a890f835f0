// Parsing of search terms: logfmt with quotes, or a JSON object. A malformed term is an Error with the reason.

/**
 * Parses `key=value key="a b" flag` or `{"key":"value"}` as a list of [key, value].
 *
 * A word alone means `word=true`, as in Jaeger's page; `key:value` means `key=value`.
 */
export function parseTerms(text) {
  const trimmed = text.trim();
  const terms = trimmed.startsWith("{") ? termsOfJSON(trimmed, "The tags are not a valid JSON object") : termsOfLogfmt(trimmed);
  const seen = new Map();
  for (const [key, value] of terms) {
    if (seen.has(key) && seen.get(key) !== value) throw new Error(`“${key}” has two values, ${seen.get(key)} and as ${value}.`);
    seen.set(key, value);
  }
  return [...seen];
}

/** Returns the terms of a JSON object, as in the parameter `tags`; a key that it contains twice is an error, because JSON.parse drops the first. */
export function termsOfJSON(text, complaint = "Not JSON") {
  let object;
  try { object = JSON.parse(text); } catch (error) { throw new Error(`${complaint}: ${error.message}.`); }
  const terms = termsOfObject(object);
  // The object has no other strings than keys and values, and in valid JSON a string before a colon is a key.
  const keys = [...text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?/g)].filter(([, , colon]) => colon).map(([, key]) => JSON.parse(key));
  const repeated = keys.find((key, index) => keys.indexOf(key) < index);
  if (repeated !== undefined) throw new Error(`“${repeated}” occurs twice.`);
  return terms;
}

function termsOfObject(object) {
  if (object === null || typeof object !== "object" || Array.isArray(object)) throw new Error("The tags must be a JSON object such as {\"error\":\"true\"}.");
  return Object.entries(object).map(([key, value]) => {
    if (!["string", "number", "boolean"].includes(typeof value)) throw new Error(`The value of “${key}” must be a text, a number, true or false.`);
    if (!key) throw new Error("A tag has an empty key.");
    return [key, String(value)];
  });
}

/** An escape sequence of JSON (RFC 8259, section 7), or of a single quotation mark. */
const escape = /^\\(["'\\/bfnrt]|u[0-9a-fA-F]{4})/;
const controls = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

function termsOfLogfmt(text) {
  const terms = [];
  let place = 0;
  const isSpace = () => /\s/.test(text[place]);
  const skipSpaces = () => { while (place < text.length && isSpace()) place += 1; };

  function quoted() {
    const quote = text[place], start = place;
    let value = "";
    for (place += 1; place < text.length; place += 1) {
      if (text[place] === quote) {
        place += 1;
        if (place < text.length && !isSpace() && text[place] !== "=" && text[place] !== ":") throw new Error(`A space is missing after ${text.slice(start, place)}.`);
        return value;
      }
      if (text[place] === "\\" && place + 1 < text.length) {
        const [all, escaped] = text.slice(place).match(escape) || [];
        if (!all) throw new Error(`${text.slice(place, place + 2)} in ${text.slice(start)} is not an escape sequence: write \\\\ for a backslash, or one of \\" \\' \\/ \\b \\f \\n \\r \\t \\u0041.`);
        value += escaped.length > 1 ? String.fromCharCode(Number.parseInt(escaped.slice(1), 16)) : controls[escaped] ?? escaped;
        place += all.length - 1;
      } else {
        value += text[place];
      }
    }
    throw new Error(`The quotation mark in ${text.slice(start)} is not closed.`);
  }

  function plain(key) {
    const start = place;
    while (place < text.length && !isSpace()) place += 1;
    const value = text.slice(start, place);
    if (/["=]/.test(value)) throw new Error(`The value of “${key}” is ambiguous: write ${key}=${JSON.stringify(value)}, or put a space between two terms.`);
    return value;
  }

  function value(key) {
    if (place >= text.length || isSpace()) throw new Error(`The value of “${key}” is missing: write ${key}="" for an empty value.`);
    return text[place] === "\"" || text[place] === "'" ? quoted() : plain(key);
  }

  for (skipSpaces(); place < text.length; skipSpaces()) {
    let key, isQuoted = text[place] === "\"";
    if (isQuoted) {
      key = quoted();
    } else {
      const start = place;
      while (place < text.length && !isSpace() && text[place] !== "=" && text[place] !== "\"") place += 1;
      key = text.slice(start, place);
    }
    const equals = text.slice(place).match(/^(\s*)=(\s*)/);
    if (equals && (text[place] === "=" || equals[1])) {
      if (!key) throw new Error("A key is missing before “=”.");
      // `key = value` has spaces on both sides; `key= value` would be a key without value.
      place += equals[1].length + 1 + (equals[1] ? equals[2].length : 0);
      terms.push([key, value(key)]);
    } else if (isQuoted && text[place] === ":") {
      place += 1;
      terms.push([key, value(key)]);
    } else if (!isQuoted && /.:$/.test(key) && text[place] === "\"") {
      terms.push([key.slice(0, -1), quoted()]);
    } else if (!isQuoted && text[place] === "\"") {
      throw new Error(`There is a quotation mark within ${text.slice(text.lastIndexOf(" ", place) + 1)}.`);
    } else if (!isQuoted && key.includes(":")) {
      const colon = key.indexOf(":");
      if (!colon || colon === key.length - 1) throw new Error(`“${key}” is not a term: write key=value.`);
      terms.push([key.slice(0, colon), key.slice(colon + 1)]);
    } else {
      if (!key) throw new Error("A tag has an empty key.");
      terms.push([key, "true"]);
    }
  }
  return terms;
}

/** Returns the text of the terms. */
export const textOfTerms = (terms) => terms.map(([key, value]) =>
  `${/^[^\s"'=:{]+$/.test(key) ? key : JSON.stringify(key)}=${/^[^\s"'=\\]+$/.test(value) ? value : JSON.stringify(value)}`).join(" ");
