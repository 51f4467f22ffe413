// Webhooks against real ones that were recorded: whatever is in both must be of one kind.
import { readFileSync } from 'node:fs';

const examples = new Map(JSON.parse(readFileSync(new URL('./node_modules/@octokit/webhooks-examples/api.github.com/index.json', import.meta.url), 'utf8')).map((each) => [each.name, each.examples]));
// What the recorded repositories did not have: they belonged to a person, and an App was installed only on some.
const optional = new Set(['organization', 'installation', 'enterprise', 'assignee', 'label', 'changes', 'before', 'after', 'requested_reviewer', 'requested_team']);

export function checkWebhook(delivery, say) {
  const payload = JSON.parse(delivery.payload);
  const all = examples.get(delivery.event);
  if (!all) return say('there is no such event');
  const same = all.filter((example) => example.action === payload.action);
  const kinds = new Map();
  for (const example of same.length > 0 ? same : all) note(example, '', kinds);
  look(payload, '', (path, kind) => {
    const known = kinds.get(path);
    if (known && kind !== 'null' && !known.has(kind) && !(known.size === 1 && known.has('null'))) say(`${path || '/'} is ${kind}, and was ${[...known].join(' or ')} in those that were recorded`);
  });
  if (same.length > 0) {
    for (const key of Object.keys(same[0]).filter((key) => !optional.has(key) && same.every((example) => key in example) && !(key in payload))) say(`${key} is missing`);
  }
}

function note(value, path, kinds) {
  look(value, path, (at, kind) => kinds.set(at, (kinds.get(at) ?? new Set()).add(kind)));
}

function look(value, path, tell) {
  tell(path, value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value);
  if (Array.isArray(value)) value.forEach((item) => look(item, `${path}/*`, tell));
  else if (value !== null && typeof value === 'object') for (const [key, item] of Object.entries(value)) look(item, `${path}/${key}`, tell);
}
