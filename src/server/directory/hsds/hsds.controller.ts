import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../common/access/index.js';
import { DomainError } from '../../common/errors/index.js';
import { Config } from '../../config/index.js';
import { filterServices, filterTerms, hasWords } from './filters.js';
import {
  HsdsListQuery,
  HsdsMetaAnswer,
  HsdsOrganizationQuery,
  HsdsOrganizationsQuery,
  HsdsPageAnswer,
  HsdsParams,
  HsdsServiceAtLocationsQuery,
  HsdsServicesQuery,
  HsdsTermsQuery,
} from './hsds.dto.js';
import { TAXONOMY_OBJECT, TERM_OBJECTS, type HsdsObject } from './objects.js';
import { pageOf, type Page } from './page.js';
import { DirectorySnapshot, type Directory } from './snapshot.js';
import { fullService, type OrganisationView, type ServiceView } from './view.js';

const PER_PAGE = 50;
const OBJECT = {
  schema: { type: 'object' as const, additionalProperties: true },
  description: 'an object of HSDS 3.0',
};

/** The directory as Open Referral's HSDS 3.0 has it, for everybody. */
@ApiTags('hsds')
@Controller('hsds')
export class HsdsController {
  constructor(
    private readonly config: Config,
    private readonly snapshot: DirectorySnapshot,
  ) {}

  /** Which version of HSDS this is. */
  @Get()
  @Access({ principal: 'public' })
  @ApiOkResponse({ type: HsdsMetaAnswer })
  meta(): HsdsMetaAnswer {
    const { issuer } = this.config;
    return { version: '3.0', profile: `${issuer}/docs`, openapi_url: `${issuer}/v1/openapi.json` };
  }

  /** Services. */
  @Get('services')
  @Access({ principal: 'public' })
  @ApiOkResponse({ type: HsdsPageAnswer })
  async services(@Query() query: HsdsServicesQuery): Promise<Page> {
    const { directory, now } = await this.snapshot.current();
    const found = filterServices(directory.services, query);
    if (query.minimal === 'true')
      return pageOf(found, wanted(query, Math.max(1, found.length)), ({ id, modified }) => ({
        id,
        modified_date: modified,
      }));
    return pageOf(found, wanted(query), (each) =>
      query.full === 'true' ? fullService(each, now) : each.listed,
    );
  }

  /** One service, with all that belongs to it. */
  @Get('services/:id')
  @Access({ principal: 'public' })
  @ApiOkResponse(OBJECT)
  async service(@Param() { id }: HsdsParams): Promise<HsdsObject> {
    const { directory, now } = await this.snapshot.current();
    return fullService(requireOne(directory.services, id), now);
  }

  /** Organisations. */
  @Get('organizations')
  @Access({ principal: 'public' })
  @ApiOkResponse({ type: HsdsPageAnswer })
  async organizations(@Query() query: HsdsOrganizationsQuery): Promise<Page> {
    const { directory, now } = await this.snapshot.current();
    const found = directory.organisations.filter(({ words }) => hasWords(words, query));
    const isFull = query.full === 'true' || query.full_service === 'true';
    const show = showServices(query, now);
    return pageOf(found, wanted(query), (each) =>
      isFull ? fullOrganization(each, directory, show) : each.listed,
    );
  }

  /** One organisation with its services. */
  @Get('organizations/:id')
  @Access({ principal: 'public' })
  @ApiOkResponse(OBJECT)
  async organization(
    @Param() { id }: HsdsParams,
    @Query() query: HsdsOrganizationQuery,
  ): Promise<HsdsObject> {
    const { directory, now } = await this.snapshot.current();
    return fullOrganization(requireOne(directory.organisations, id), directory, showServices(query, now));
  }

  /** Services, each at its location; a redacted one has no address. */
  @Get('service_at_locations')
  @Access({ principal: 'public' })
  @ApiOkResponse({ type: HsdsPageAnswer })
  async serviceAtLocations(@Query() query: HsdsServiceAtLocationsQuery): Promise<Page> {
    const { directory } = await this.snapshot.current();
    const found = filterServices(directory.services, query).flatMap(({ location }) => location ?? []);
    return pageOf(found, wanted(query), ({ full, listed }) => (query.full === 'true' ? full : listed));
  }

  /** One service at its location. */
  @Get('service_at_locations/:id')
  @Access({ principal: 'public' })
  @ApiOkResponse(OBJECT)
  async serviceAtLocation(@Param() { id }: HsdsParams): Promise<HsdsObject> {
    const { directory } = await this.snapshot.current();
    const locations = directory.services.flatMap(({ location }) => location ?? []);
    return requireOne(locations, id).full;
  }

  /** The one taxonomy. */
  @Get('taxonomies')
  @Access({ principal: 'public' })
  @ApiOkResponse({ type: HsdsPageAnswer })
  taxonomies(@Query() query: HsdsListQuery): Page {
    return pageOf([TAXONOMY_OBJECT], wanted(query), (each) => each);
  }

  /** A taxonomy. */
  @Get('taxonomies/:id')
  @Access({ principal: 'public' })
  @ApiOkResponse(OBJECT)
  taxonomy(@Param() { id }: HsdsParams): HsdsObject {
    return requireObject([TAXONOMY_OBJECT], id);
  }

  /** Types of service. */
  @Get('taxonomy_terms')
  @Access({ principal: 'public' })
  @ApiOkResponse({ type: HsdsPageAnswer })
  taxonomyTerms(@Query() query: HsdsTermsQuery): Page {
    return pageOf(filterTerms(TERM_OBJECTS, query), wanted(query), (each) => each);
  }

  /** One type of service. */
  @Get('taxonomy_terms/:id')
  @Access({ principal: 'public' })
  @ApiOkResponse(OBJECT)
  taxonomyTerm(@Param() { id }: HsdsParams): HsdsObject {
    return requireObject(TERM_OBJECTS, id);
  }
}

function wanted(
  { page, per_page: perPage }: HsdsListQuery,
  usual = PER_PAGE,
): { page: number; perPage: number } {
  return { page: page ?? 1, perPage: perPage ?? usual };
}

function requireOne<T extends { readonly id: string }>(all: readonly T[], id: string): T {
  const found = all.find((each) => each.id === id);
  if (!found) throw new DomainError('not_found');
  return found;
}

function requireObject(all: readonly HsdsObject[], id: string): HsdsObject {
  const found = all.find((each) => each['id'] === id);
  if (!found) throw new DomainError('not_found');
  return found;
}

/** Services within an organisation: whole where that is asked, else by their id. */
function showServices(
  { full_service: isFull }: HsdsOrganizationQuery,
  now: Date,
): (service: ServiceView) => HsdsObject {
  return (service) => (isFull === 'true' ? fullService(service, now) : service.listed);
}

function fullOrganization(
  { id, listed }: OrganisationView,
  { services }: Directory,
  show: (service: ServiceView) => HsdsObject,
): HsdsObject {
  return { ...listed, services: services.filter(({ organisation }) => organisation === id).map(show) };
}
