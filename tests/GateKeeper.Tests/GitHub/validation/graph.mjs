// Queries, and answers to them, against the official schema.
import { readFileSync } from 'node:fs';
import { NoDeprecatedCustomRule, buildSchema, execute, getOperationAST, parse, specifiedRules, validate } from 'graphql';

const schema = buildSchema(readFileSync(new URL('./node_modules/@octokit/graphql-schema/schema.graphql', import.meta.url), 'utf8'), { assumeValid: true });
const asked = new Map();

export function checkQuery(text, say) {
  const document = parse(text);
  for (const error of validate(schema, document, [...specifiedRules, NoDeprecatedCustomRule])) say(error.message);
  return document;
}

// The answer is played back through the schema's own executor: what has the wrong type, what is missing, and what was not asked for, shows.
export function checkGraphAnswer(exchange, say) {
  if (exchange.status !== 200 || !exchange.request || !exchange.answer) return;
  const request = JSON.parse(exchange.request);
  const answer = JSON.parse(exchange.answer);
  if (!answer.data) {
    if (!Array.isArray(answer.errors) || answer.errors.some((error) => typeof error.message !== 'string')) say('an answer without data has no errors');
    return;
  }

  let document = asked.get(request.query);
  if (!document) asked.set(request.query, (document = checkQuery(request.query, say)));
  const name = getOperationAST(document, request.operationName ?? undefined)?.name?.value ?? 'a query';
  const excused = new Set((answer.errors ?? []).filter((error) => error.path).map((error) => error.path.join('.')));
  const missing = new Set();
  const result = execute({
    schema, document, rootValue: answer.data, operationName: request.operationName, variableValues: request.variables ?? {},
    typeResolver: (value) => value.__typename ?? guess(value),
    fieldResolver: (source, _, __, info) => {
      const key = info.path.key;
      if (!(key in source)) missing.add(plain(info.path));
      return source[key];
    },
  });
  for (const error of result.errors ?? []) {
    if (!excused.has((error.path ?? []).join('.'))) say(`${name}: ${error.message} at ${(error.path ?? []).filter((step) => typeof step === 'string').join('.')}`);
  }
  for (const path of missing) say(`${name}: ${path} was asked for and is not there`);
  if (result.data) extra(answer.data, JSON.parse(JSON.stringify(result.data)), '');

  function extra(told, known, at) {
    if (known === null || known === undefined) return;
    if (told === null || typeof told !== 'object') {
      if (told !== known) say(`${name}: ${at} is another by the schema`);
      return;
    }

    for (const key of Object.keys(told)) {
      const here = Array.isArray(told) ? at : `${at}.${key}`;
      if (!(key in known)) say(`${name}: ${here} is there and was not asked for`);
      else extra(told[key], known[key], here);
    }
  }
}

// Where a query does not ask for the type, the only one that has all these fields will do.
function guess(value) {
  const keys = Object.keys(value);
  const fits = Object.values(schema.getTypeMap()).filter((type) => type.getFields && type.getInterfaces && type.astNode?.kind === 'ObjectTypeDefinition' && keys.every((key) => key in type.getFields()));
  return fits[0]?.name;
}

function plain(path) {
  const steps = [];
  for (let at = path; at; at = at.prev) if (typeof at.key === 'string') steps.unshift(at.key);
  return steps.join('.');
}
