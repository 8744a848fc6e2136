import { Injectable } from '@nestjs/common';
import { Database } from '../../../database/index.js';
import { CAPACITY_STALE_HOURS } from '../../../protocol/registry/charter.js';
import { isOpenAt } from '../../../protocol/directory/hours.js';
import type { Schedule } from '../../../protocol/schemas/service-profile.js';
import type { Capacity } from '../profiles/profiles.service.js';
import type { ListedService, ServiceStatus } from '../directory.service.js';
import { SEARCH } from './search.sql.js';
import { soughtKeys, type Sought } from './search.rules.js';

/** Rows of the index that one page looks at. */
const LOOKS = 200;
const FIRST = '00000000-0000-0000-0000-000000000000';

export interface Search extends Sought {
  /** Postal code that the service's area must hold; a service without an area serves all. */
  readonly near?: string | undefined;
  readonly openNow?: boolean | undefined;
  readonly free?: boolean | undefined;
  readonly limit: number;
}

export interface FoundService extends ListedService {
  /** Null where none was ever stated. */
  readonly capacity: Capacity | null;
}

export interface SearchPage {
  readonly items: FoundService[];
  /** Last service looked at, where there may be more. */
  readonly last?: string;
}

interface Row {
  readonly service: string;
  /** Null where the row looked at is none of those that were sought. */
  readonly id: string | null;
  readonly name: string;
  readonly status: ServiceStatus;
  readonly organisationId: string;
  readonly organisationName: string;
  readonly hours: readonly Schedule[];
  readonly capacity: Capacity | null;
  /** `YYYY-MM-DD HH:MM` by the database, in the charter's time zone. */
  readonly local: string;
}

@Injectable()
export class SearchService {
  constructor(private readonly database: Database) {}

  /** The services that have published a profile and are what is sought, by id, after `after`. */
  async page(search: Search, after: string = FIRST): Promise<SearchPage> {
    const keys = soughtKeys(search);
    const { near = null, free = false, limit } = search;
    const { rows } = await this.database.app.query<Row>(
      SEARCH.with({ staleHours: CAPACITY_STALE_HOURS, key: keys[0], after, looks: LOOKS, keys, near, free }),
    );
    const found = rows.filter((row) => row.id !== null && (search.openNow !== true || isOpen(row)));
    const shown = found.slice(0, limit);
    const last = found.length > limit ? shown.at(-1) : rows.length === LOOKS ? rows.at(-1) : undefined;
    return { items: shown.map(foundService), ...(last && { last: last.service }) };
  }
}

function isOpen({ hours, local }: Row): boolean {
  const [day = '', time = ''] = local.split(' ');
  return isOpenAt(hours, { day, time });
}

function foundService({
  service,
  name,
  status,
  organisationId,
  organisationName,
  capacity,
}: Row): FoundService {
  return {
    id: service,
    name,
    status,
    organisation: { id: organisationId, name: organisationName },
    capacity,
  };
}
