import type { Session } from './session.js';

/** Every item of a list that the server gives page by page. */
export async function readAll<T>(
  session: Pick<Session, 'json'>,
  path: string,
  query: Readonly<Record<string, string | undefined>> = {},
): Promise<T[]> {
  const found: T[] = [];
  let after: string | undefined;
  do {
    const page = await session.json<{ items: T[]; next?: string }>({
      method: 'GET',
      path,
      query: { ...query, after },
    });
    found.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return found;
}
