// Reads the inputs of a topic as Node and browsers do, for DifferentialTests.
//
// usage: node differential.mjs TOPIC JSON-AS-HEX     (prints the results as JSON)

const topics = {
    // The items of a query: names and values (WHATWG URL). A first "?" would be removed.
    query: (text) => [...new URLSearchParams("?" + text)],
    // Null for a valid text, otherwise -1.
    json: (digits) => {
        try {
            const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
            JSON.parse(decoder.decode(Buffer.from(digits, "hex")));
            return null;
        } catch {
            return -1;
        }
    },
};

const [topic, input] = process.argv.slice(2);
const cases = JSON.parse(Buffer.from(input, "hex").toString("utf-8"));
console.log(JSON.stringify(cases.map(topics[topic])));
