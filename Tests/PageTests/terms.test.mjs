import assert from "node:assert/strict";
import test from "node:test";
import { parseTerms, textOfTerms } from "../../Sources/JaegerCollector/Page/terms.mjs";

const parsed = [
  ["", []], ["  ", []],
  ["error", [["error", "true"]]],
  ["error=true", [["error", "true"]]],
  ["error=true http.status_code=500", [["error", "true"], ["http.status_code", "500"]]],
  ["a=1  b\tc=2\n", [["a", "1"], ["b", "true"], ["c", "2"]]],
  ['k="a b"', [["k", "a b"]]], ["k='a b'", [["k", "a b"]]], ['"error"="true"', [["error", "true"]]],
  ['"a b"=c', [["a b", "c"]]], ['k="say \\"hi\\""', [["k", 'say "hi"']]], ['k="a\\\\b\\nc"', [["k", "a\\b\nc"]]],
  ['k="\\u0041\\u00e9\\ud83d\\ude00"', [["k", "Aé😀"]]], ['k="\\b\\f\\r\\t\\/"', [["k", "\b\f\r\t/"]]], ["k='\\'\\u0041'", [["k", "'A"]]],
  ['k=""', [["k", ""]]], ["k = v", [["k", "v"]]], ['k = "v w" x', [["k", "v w"], ["x", "true"]]],
  ["{\"error\":\"true\"}", [["error", "true"]]], ['{"a":1,"b":true,"c":"x y"}', [["a", "1"], ["b", "true"], ["c", "x y"]]],
  ["{}", []], ['{"a":"a","b":"\\"a\\":"}', [["a", "a"], ["b", '"a":']]],
  ["jaeger-debug-id:my-bug", [["jaeger-debug-id", "my-bug"]]], ['c:"d e"', [["c", "d e"]]], ["url:http://x:1", [["url", "http://x:1"]]],
  ["db:table=x", [["db:table", "x"]]], ["name=O'Brien", [["name", "O'Brien"]]], ["path=/a?b", [["path", "/a?b"]]],
  ["a=1 a=1", [["a", "1"]]], ["köttur=já", [["köttur", "já"]]], ["__proto__=x", [["__proto__", "x"]]],
];
for (const [text, terms] of parsed) {
  test(`parses ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseTerms(text), terms);
    assert.deepEqual(parseTerms(textOfTerms(terms)), terms, textOfTerms(terms));
  });
}

const rejected = [
  '{"a":"1","a":"2"}', '{"a":"1","b":"2","a":"1"}', '{"a":"1", "\\u0061" : "2"}', '{"__proto__":1,"__proto__":2}',
  "http.method=GET,error=true", "k=a=b", "=v", "k=", "k= v", 'k="open', "k='open", 'k="a"b', 'a"b', 'k=a"b"', '""=x', '""',
  'k="\\x41"', 'k="\\u00"', 'k="\\u00g1"', 'k="\\U0041"', 'k="\\0"', 'k="a\\ b"', 'k="\\',
  ":v", "k:", "{", '{"a":null}', '{"a":[1]}', '{"a":{}}', '{"error":"true"} x', "a=1 a=2", '{"":"x"}',
];
for (const text of rejected) {
  test(`rejects ${JSON.stringify(text)} with a reason`, () => {
    assert.throws(() => parseTerms(text), (error) => error instanceof Error && error.message.length > 10);
  });
}

test("terms are unchanged after formatting and parsing, regardless of their characters", () => {
  const texts = ["", "a", "a b", '"', "'", "\\", "=", ":", "{", "{a}", "a=b", "a:b", "\n", "\t", "\b", "\f", "\u0001", "\u007f", "\ud800", "a\\u0041", "é\u0301", "\u2028", "a\\", "'x'", "x'y", 'a"b'];
  for (const key of texts.filter((text) => text)) {
    for (const value of texts) assert.deepEqual(parseTerms(textOfTerms([[key, value], ["z", "1"]])), [[key, value], ["z", "1"]], JSON.stringify([key, value]));
  }
});
