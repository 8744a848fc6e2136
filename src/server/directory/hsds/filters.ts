import { DomainError } from '../../common/errors/index.js';
import { wordsOf } from '../search/search.rules.js';
import type { HsdsFilterQuery, HsdsListQuery, HsdsTermsQuery } from './hsds.dto.js';
import { TAXONOMY_OBJECT, type HsdsObject } from './objects.js';
import type { ServiceView } from './view.js';

/** Whether all words that are sought occur. */
export function hasWords(words: ReadonlySet<string>, { search }: HsdsListQuery): boolean {
  return wordsOf(search ?? '').every((word) => words.has(word));
}

/**
 * The services that a query asks for; what it leaves open, it takes. @throws DomainError input_invalid for no
 * date
 */
export function filterServices(
  services: readonly ServiceView[],
  query: HsdsFilterQuery & { readonly postcode?: string },
): ServiceView[] {
  const { organization_id: organisation, taxonomy_id: taxonomy, taxonomy_term_id: term, postcode } = query;
  const since = instantOf(query.modified_after);
  return services.filter(
    (service) =>
      hasWords(service.words, query) &&
      (organisation === undefined || service.organisation === organisation) &&
      (term === undefined || service.terms.has(term)) &&
      (taxonomy === undefined || (taxonomy === TAXONOMY_OBJECT['id'] && service.terms.size > 0)) &&
      (postcode === undefined || service.area.length === 0 || service.area.includes(postcode)) &&
      service.modified.getTime() >= since,
  );
}

export function filterTerms(terms: readonly HsdsObject[], query: HsdsTermsQuery): HsdsObject[] {
  const { taxonomy_id: taxonomy, parent_id: parent, top_only: topOnly } = query;
  const parents = new Set(terms.map((term) => term['parent_id']));
  return terms.filter(
    (term) =>
      hasWords(new Set(wordsOf(`${String(term['name'])} ${String(term['description'])}`)), query) &&
      (taxonomy === undefined || term['taxonomy_id'] === taxonomy) &&
      (parent === undefined || term['parent_id'] === parent) &&
      (topOnly !== 'true' || !parents.has(term['id'])),
  );
}

/** Milliseconds; all of time where nothing is said. */
function instantOf(text: string | undefined): number {
  if (text === undefined) return -Infinity;
  const instant = Date.parse(text);
  if (Number.isNaN(instant)) throw new DomainError('input_invalid', { parameter: 'modified_after' });
  return instant;
}
