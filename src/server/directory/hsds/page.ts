import type { HsdsObject } from './objects.js';

/** HSDS's `Page`, around the objects of one page. */
export interface Page {
  readonly total_items: number;
  readonly total_pages: number;
  readonly page_number: number;
  readonly size: number;
  readonly first_page: boolean;
  readonly last_page: boolean;
  readonly empty: boolean;
  readonly contents: readonly HsdsObject[];
}

/** One page of what was found; only its own objects are made. Beyond the last page there is an empty one. */
export function pageOf<T>(
  found: readonly T[],
  { page, perPage }: { readonly page: number; readonly perPage: number },
  show: (each: T) => HsdsObject,
): Page {
  const contents = found.slice((page - 1) * perPage, page * perPage).map(show);
  const pages = Math.ceil(found.length / perPage);
  return {
    total_items: found.length,
    total_pages: pages,
    page_number: page,
    size: contents.length,
    first_page: page === 1,
    last_page: page >= pages,
    empty: contents.length === 0,
    contents,
  };
}
