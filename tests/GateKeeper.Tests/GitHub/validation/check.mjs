// Usage: node check.mjs [--queries FOLDER]... [TRANSCRIPT.json]...
// Each query must be one by GitHub's official schema; each answer in a transcript must be one that the official descriptions allow.
// Prints every violation, then one line that counts; ends with 1 where there was one.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkQuery, checkGraphAnswer } from './graph.mjs';
import { checkRest } from './rest.mjs';
import { checkWebhook } from './webhooks.mjs';

const violations = new Map();
const counts = { queries: 0, graphql: 0, rest: 0, webhooks: 0 };
const say = (where) => (what) => violations.set(`${where}: ${what}`, (violations.get(`${where}: ${what}`) ?? 0) + 1);

const args = process.argv.slice(2);
while (args.length > 0) {
  const arg = args.shift();
  if (arg === '--queries') {
    const folder = args.shift();
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.graphql'))) {
      counts.queries++;
      checkQuery(readFileSync(join(folder, file), 'utf8'), say(file));
    }
    continue;
  }

  for (const exchange of JSON.parse(readFileSync(arg, 'utf8'))) {
    if (exchange.event) {
      counts.webhooks++;
      checkWebhook(exchange, say(`webhook ${exchange.event} ${exchange.action ?? ''}`));
    } else if (exchange.target === '/api/graphql') {
      counts.graphql++;
      checkGraphAnswer(exchange, say('graphql'));
    } else if (exchange.target.startsWith('/api/v3/')) {
      counts.rest++;
      checkRest(exchange, say(`${exchange.method} ${exchange.target.split('?')[0].replace(/\b[0-9a-f]{40}\b/, 'SHA').replace(/\/\d+(?=\/|$)/g, '/N')} ${exchange.status}`));
    }
  }
}

for (const [violation, times] of violations) console.log(`${violation}${times > 1 ? ` (${times} times)` : ''}`);
console.log(`${counts.queries} queries, ${counts.graphql} answers of GraphQL, ${counts.rest} of REST, ${counts.webhooks} webhooks: ${violations.size} violations`);
process.exit(violations.size > 0 ? 1 : 0);
