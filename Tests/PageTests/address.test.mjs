import assert from "node:assert/strict";
import test from "node:test";
import { instantText, pageOf, searchOf, spanIDOf, tagsText } from "../../Sources/JaegerCollector/Page/address.mjs";

for (const path of ["/", "/search", "/search/"]) {
  test(`${path} is the search`, () => assert.deepEqual(pageOf(path), { name: "search" }));
}
for (const [path, id] of [["/trace/1", "1"], ["/trace/ab/", "ab"], ["/trace/%20a", " a"], ["/trace/a/b", "a/b"], ["/trace/%C3%A9", "é"]]) {
  test(`${path} is the trace ${id}`, () => assert.deepEqual(pageOf(path), { name: "trace", id }));
}
for (const path of ["/trace/%zz", "/trace/%E0%A4", "/trace/%", "/trace", "/trace/", "/other", "/search/x", "//", "/trace//"]) {
  test(`${path} is an unknown page with a reason`, () => {
    const page = pageOf(path);
    assert.equal(page.name, "unknown");
    assert.ok(page.reason.length > 10);
  });
}

for (const [hash, query, id] of [
  ["#00000000000000ab", "", "00000000000000ab"], ["#00000000000000AB", "", "00000000000000ab"], ["#ab", "", "00000000000000ab"],
  ["#AB", "", "00000000000000ab"], ["#0", "", "0000000000000000"], ["#FFFFFFFFFFFFFFFF", "", "ffffffffffffffff"],
  ["", "", ""], ["#", "", ""], ["#xyz", "", ""], ["#12345678901234567", "", ""], ["#%zz", "", ""],
  ["", "uiFind=AB", "00000000000000ab"], ["#c", "uiFind=AB", "000000000000000c"], ["#top", "uiFind=ab", "00000000000000ab"],
  ["", "uiFind=GET%20/", ""],
]) {
  test(`the fragment “${hash}” and the query “${query}” open the span ${id}`, () =>
    assert.equal(spanIDOf(hash, new URLSearchParams(query)), id));
}

const fieldOf = [
  ["", ""], ["tags=%7B%22error%22%3A%22true%22%7D", "error=true"], ["tags=%7B%7D", ""],
  ["tag=k:v", "k=v"], ["tag=k:v&tag=url:http://x:1", "k=v url=http://x:1"], ["tag=k:", 'k=""'],
  // Malformed values are shown unchanged.
  ["tags=null", "null"], ["tags=error", "error"], ["tags=%7B", "{"], ["tags=[1]", "[1]"], ['tags={"a":1,"a":2}', '{"a":1,"a":2}'], ["tag=novalue", "novalue"],
  ["tags=%7B%22a%22%3A1%7D&tag=b:2", "a=1 b=2"],
];
for (const [query, text] of fieldOf) {
  test(`the tags field for “${query}” shows ${text}`, () => assert.equal(tagsText(new URLSearchParams(query)), text));
}

const fields = (changes) => ({ service: "*", operation: "", tags: "", lookback: "", start: "", end: "", minDuration: "", maxDuration: "", limit: "", ...changes });

test("a search has the parameters of Jaeger's links", () => {
  assert.equal(searchOf(fields({})).toString(), "");
  const query = searchOf(fields({ service: ".", operation: "GET /", tags: "error k=\"a b\"", lookback: "1h", minDuration: " 5ms ", limit: "200" }));
  assert.equal(query.get("tags"), '{"error":"true","k":"a b"}');
  assert.deepEqual([...query.keys()], ["service", "operation", "tags", "lookback", "minDuration", "limit"]);
  assert.equal(query.get("minDuration"), "5ms");
});

test("a tag whose key is __proto__ is sent as well", () => {
  assert.equal(searchOf(fields({ tags: "__proto__=x" })).get("tags"), '{"__proto__":"x"}');
});

test("start, end and limit of a link are kept by the next search with microseconds", () => {
  const link = new URLSearchParams("service=a&start=1700000000123456&end=1700000001654321&limit=200&lookback=custom");
  const query = searchOf(fields({
    service: "a", lookback: "custom", start: instantText(link.get("start")), end: instantText(link.get("end")), limit: link.get("limit"),
  }), link);
  assert.equal(query.get("start"), "1700000000123456");
  assert.equal(query.get("end"), "1700000001654321");
  assert.equal(query.get("limit"), "200");
});

test("an edited time is parsed", () => {
  assert.equal(searchOf(fields({ lookback: "custom", end: "2023-11-14 22:13:20Z" })).get("end"), "1700000000000000");
});

for (const [name, changes] of Object.entries({
  "a malformed term": { tags: "k=a=b" }, "a malformed time": { lookback: "custom", start: "soon" },
  "a custom period without times": { lookback: "custom" }, "a limit that is not a number": { limit: "many" }, "a negative limit": { limit: "-1" },
})) {
  test(`${name} is rejected`, () => assert.throws(() => searchOf(fields(changes)), Error));
}

test("malformed times are shown unchanged", () => {
  assert.equal(instantText("soon"), "soon");
  assert.equal(instantText("-5"), "-5");
  assert.equal(instantText(null), "");
});
