import type { OpenAPIObject } from '@nestjs/swagger';

export const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
h2{margin-top:2.5rem;font-size:1.1rem}code,pre{font:14px/1.4 ui-monospace,monospace}pre{overflow-x:auto;background:#f4f4f2;padding:1rem}
.method{display:inline-block;min-width:3.5rem;font-weight:600}@media(prefers-color-scheme:dark){body{background:#161616;color:#eee}pre{background:#222}}`;

/** One static page: every route with its summary and its body's schema. No script, no third party. */
export function documentationPage({ info, paths, components }: OpenAPIObject): string {
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) =>
      route(method, path, operation),
    ),
  );
  const schemas = Object.entries(components?.schemas ?? {}).map(
    ([name, schema]) =>
      `<h2 id="${escape(name)}">${escape(name)}</h2><pre>${escape(JSON.stringify(schema, null, 2))}</pre>`,
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(info.title)} API</title><link rel="stylesheet" href="/docs/style.css"></head><body>
<h1>${escape(info.title)} API</h1><p>${escape(info.description ?? '')}</p><p><a href="/v1/openapi.json">openapi.json</a></p>
${routes.join('\n')}<h1>Bodies</h1>${schemas.join('\n')}</body></html>`;
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly requestBody?: {
    readonly content?: Record<string, { readonly schema?: { readonly $ref?: string } }>;
  };
}

function route(method: string, path: string, operation: Operation): string {
  const { summary, description, requestBody } = operation;
  const body = requestBody?.content?.['application/json']?.schema?.$ref?.split('/').at(-1);
  const link = body === undefined ? '' : ` <a href="#${escape(body)}">${escape(body)}</a>`;
  const text = escape(description ?? summary ?? '');
  return `<h2><span class="method">${escape(method.toUpperCase())}</span><code>${escape(path)}</code></h2><p>${text}${link}</p>`;
}

function escape(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
