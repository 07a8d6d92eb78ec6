#!/usr/bin/env bash
# One would guess: `Kafka.binary(event)` of the JavaScript SDK makes the headers that `HTTP.binary(event)` makes, with `ce_` for `ce-`: those
# of the attributes that the event has, and a content type, since object data are written as JSON.
# So it is: in cloudevents 10.0.0 (npm) the Kafka headers hold every optional attribute, as `undefined` where the event has none, also
# attributes that CloudEvents 1.0 does not know (`schemaurl`, `datacontentencoding`); the content type is `undefined` too, although
# the same event's HTTP message says application/json; and `datacontenttype` has a second place, `ce_datacontenttype`.
# Source: dist/message/kafka/headers.js and dist/message/http/headers.js; Kafka protocol binding 1.0.2, section 3.2.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit cloudevents@10.0.0 > /dev/null
cat > ask.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { CloudEvent, HTTP, Kafka } from "cloudevents";
const version = JSON.parse(readFileSync("node_modules/cloudevents/package.json")).version;
const event = new CloudEvent({ id: "1", type: "lamp.out", source: "/lamps", data: { lamp: 7 } });
const kafka = Kafka.binary(event).headers;
const unset = Object.keys(kafka).filter((name) => kafka[name] === undefined).sort();
const http = HTTP.binary(event).headers;
console.log("cloudevents", version);
console.log("HTTP content-type:", http["content-type"]);
console.log("Kafka headers without a value:", unset.join(", "));
const expected = "ce_datacontentencoding,ce_datacontenttype,ce_dataschema,ce_schemaurl,ce_subject,content-type";
process.exit(unset.join() === expected && http["content-type"].startsWith("application/json") ? 0 : 1);
JAVASCRIPT
node ask.mjs
echo "as described"
