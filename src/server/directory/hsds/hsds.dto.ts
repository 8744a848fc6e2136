import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { applyDecorators } from '@nestjs/common';
import { IsId, IsWholeNumber, MayBeAbsent } from '../../common/validation/index.js';
import type { Page } from './page.js';

const ID = 'c54f1ab0-21de-4a0b-b7a3-5f1e0c9d3b04';
const MOST = 1000;
const INSTANT =
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?$/;

/** `true` or `false`, as a query writes it. */
function IsFlag(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: 'string', enum: ['true', 'false'], description }),
    MayBeAbsent(),
    IsIn(['true', 'false']),
  );
}

function IsFilter(description: string): PropertyDecorator {
  return applyDecorators(ApiPropertyOptional({ description, example: ID }), MayBeAbsent(), IsId());
}

export class HsdsParams {
  @ApiProperty({ example: ID })
  @IsId()
  readonly id!: string;
}

/** Parameters of every list, in HSDS's names. */
export class HsdsListQuery {
  @ApiPropertyOptional({ description: 'words; all must occur', maxLength: 200 })
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  readonly search?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 1_000_000, default: 1 })
  @MayBeAbsent()
  @IsWholeNumber(1, 1_000_000)
  readonly page?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MOST, default: 50 })
  @MayBeAbsent()
  @IsWholeNumber(1, MOST)
  readonly per_page?: number;

  @ApiPropertyOptional({ enum: ['json'], description: 'no other is there' })
  @MayBeAbsent()
  @IsIn(['json'])
  readonly format?: string;
}

/** What lists of services, and of services at their locations, can be narrowed by. */
export class HsdsFilterQuery extends HsdsListQuery {
  @IsFilter('services of this type, or of a narrower one')
  readonly taxonomy_term_id?: string;

  @IsFilter('services with any term of this taxonomy')
  readonly taxonomy_id?: string;

  @IsFilter('services of this organisation')
  readonly organization_id?: string;

  @ApiPropertyOptional({
    description: 'changed at or after this day or moment',
    example: '2026-11-24T10:15:00Z',
  })
  @MayBeAbsent()
  @Matches(INSTANT)
  readonly modified_after?: string;

  @IsFlag('nested objects')
  readonly full?: string;
}

export class HsdsServiceAtLocationsQuery extends HsdsFilterQuery {
  @ApiPropertyOptional({
    description: 'within the service’s area',
    pattern: '^[0-9A-Z][0-9A-Z -]{1,10}[0-9A-Z]$',
  })
  @MayBeAbsent()
  @Matches(/^[0-9A-Z][0-9A-Z -]{1,10}[0-9A-Z]$/)
  readonly postcode?: string;
}

export class HsdsServicesQuery extends HsdsFilterQuery {
  @IsFlag('only id and modified_date, all on one page unless asked otherwise')
  readonly minimal?: string;
}

export class HsdsOrganizationQuery {
  @IsFlag('services whole, not by their id alone')
  readonly full_service?: string;
}

export class HsdsOrganizationsQuery extends HsdsListQuery {
  @IsFlag('services whole, not by their id alone')
  readonly full_service?: string;

  @IsFlag('nested objects')
  readonly full?: string;
}

export class HsdsTermsQuery extends HsdsListQuery {
  @IsFilter('terms of this taxonomy')
  readonly taxonomy_id?: string;

  @IsFlag('only terms without narrower ones')
  readonly top_only?: string;

  @IsFilter('terms right below this one')
  readonly parent_id?: string;
}

export class HsdsMetaAnswer {
  @ApiProperty({ example: '3.0' })
  readonly version!: string;

  @ApiProperty({ format: 'uri', description: 'what is here beside HSDS' })
  readonly profile!: string;

  @ApiProperty({ format: 'uri' })
  readonly openapi_url!: string;
}

/** HSDS's Page. */
export class HsdsPageAnswer implements Page {
  @ApiProperty({ type: 'integer' })
  readonly total_items!: number;

  @ApiProperty({ type: 'integer' })
  readonly total_pages!: number;

  @ApiProperty({ type: 'integer' })
  readonly page_number!: number;

  @ApiProperty({ type: 'integer' })
  readonly size!: number;

  readonly first_page!: boolean;

  readonly last_page!: boolean;

  readonly empty!: boolean;

  @ApiProperty({
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    description: 'objects of HSDS 3.0',
  })
  readonly contents!: Page['contents'];
}
