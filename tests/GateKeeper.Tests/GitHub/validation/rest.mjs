// Requests and answers of REST against the official description.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';

const description = loosen(JSON.parse(readFileSync(new URL('./api.github.com.json', import.meta.url), 'utf8')));
const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, logger: false });
addFormats(ajv);
ajv.addSchema(description, 'github');
const compiled = new Map();

// The description does not know that a fork may have been deleted; the server then says null.
const narrow = /^(\/\d+)?\/head\/repo$/;

const routes = Object.keys(description.paths).map((template) => ({
  template,
  literal: template.replace(/\{[^}]*\}/g, '').length,
  // These may have slashes of their own.
  matches: new RegExp('^' + template.replace(/[.+*?^$()|[\]\\]/g, '\\$&').replace(/\{(ref|path|branch)\}/g, '(?:.+)').replace(/\{[^}]*\}/g, '[^/]+') + '$'),
})).sort((one, other) => other.literal - one.literal);

export function checkRest(exchange, say) {
  const path = exchange.target.split('?')[0].slice('/api/v3'.length).replace(/%2F/gi, '/');
  const method = exchange.method.toLowerCase();
  const route = routes.find((each) => each.matches.test(path) && description.paths[each.template][method]);
  if (exchange.status >= 500 || exchange.status === 304) return;
  if (!route) {
    if (exchange.status !== 404) say('there is no such path');
    return;
  }

  const operation = description.paths[route.template][method];
  const place = `github#/paths/${pointer(route.template)}/${method}`;
  if (exchange.request && exchange.status < 400) {
    const body = resolve(operation.requestBody);
    if (!body) say('a body was sent where none belongs');
    else against(schemaOf(operation.requestBody, `${place}/requestBody`), exchange.request, (what) => say(`request: ${what}`));
  }

  const documented = operation.responses[exchange.status];
  if (documented) {
    const schema = schemaOf(documented, `${place}/responses/${exchange.status}`);
    if (schema && exchange.answer !== null) against(schema, exchange.answer, say);
  } else if (exchange.status < 400) {
    say('this status is not described');
  } else if (exchange.answer && typeof JSON.parse(exchange.answer).message !== 'string') {
    say('an error without a message');
  }
}

function against(schema, text, say) {
  if (!compiled.has(schema)) compiled.set(schema, ajv.compile({ $ref: schema }));
  const check = compiled.get(schema);
  if (check(JSON.parse(text))) return;
  for (const error of check.errors.filter((each) => each.keyword !== 'anyOf' && each.keyword !== 'oneOf' && !narrow.test(each.instancePath)).slice(0, 12)) say(`${error.instancePath.replace(/\/\d+/g, '/N') || '/'} ${error.message}`);
}

function schemaOf(part, place) {
  if (part?.$ref) return schemaOf(resolve(part), `github${part.$ref.slice(part.$ref.indexOf('#'))}`);
  return part?.content?.['application/json']?.schema ? `${place}/content/application~1json/schema` : null;
}

function resolve(part) {
  if (!part?.$ref) return part;
  return part.$ref.slice(part.$ref.indexOf('#') + 2).split('/').reduce((at, step) => at[step.replace(/~1/g, '/').replace(/~0/g, '~')], description);
}

function pointer(text) {
  return encodeURIComponent(text.replace(/~/g, '~0').replace(/\//g, '~1'));
}

// What may be null is said in another way by OpenAPI 3.0 than JSON schemas have it.
function loosen(node) {
  if (Array.isArray(node)) return node.map(loosen);
  if (node === null || typeof node !== 'object') return node;
  const made = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, loosen(value)]));
  if (made.nullable === true) {
    if (!made.type) {
      delete made.nullable;
      return { anyOf: [{ type: 'null' }, made] };
    }

    if (Array.isArray(made.enum) && !made.enum.includes(null)) made.enum = [...made.enum, null];
  }

  return made;
}
