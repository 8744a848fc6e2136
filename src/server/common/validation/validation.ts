import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, Type, type ClassConstructor } from 'class-transformer';
import {
  IsObject,
  IsString,
  Matches,
  MaxLength,
  MinLength,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  type ValidationOptions,
} from 'class-validator';
import { isBase64url } from '../../../protocol/encoding/bytes.js';
import { wholeNumber } from '../../../protocol/encoding/whole-number.js';
import { isDay } from '../../../protocol/schemas/types.js';

/** May be left out; `IsOptional` would let null pass as well, whatever the others say. */
export function MayBeAbsent(): PropertyDecorator {
  return ValidateIf((_, value: unknown) => value !== undefined);
}

type Each = Pick<ValidationOptions, 'each'>;

/** 128 random bits, written 8-4-4-4-12 in lower case. */
export function IsId(options: Each = {}): PropertyDecorator {
  const pattern = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
  return applyDecorators(Matches(new RegExp(pattern), options), ApiText({ pattern }, options));
}

/** Canonical base64url of so many bytes. */
export function IsBase64url(
  { min, max }: { min: number; max: number },
  options: Each = {},
): PropertyDecorator {
  const limits = { minLength: Math.ceil((min * 4) / 3), maxLength: Math.ceil((max * 4) / 3) };
  const validate = (value: unknown): boolean =>
    typeof value === 'string' &&
    value.length >= limits.minLength &&
    value.length <= limits.maxLength &&
    isBase64url(value);
  return applyDecorators(
    ValidateBy({ name: 'isBase64url', validator: { validate } }, options),
    ApiText({ pattern: '^[A-Za-z0-9_-]*$', ...limits }, options),
  );
}

/** A compact JWS, as text; what it says is the protocol's affair. */
export function IsJws(maxLength: number, options: Each = {}): PropertyDecorator {
  const pattern = '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$';
  return applyDecorators(
    IsString(options),
    MinLength(5, options),
    MaxLength(maxLength, options),
    Matches(new RegExp(pattern), options),
    ApiText({ pattern, maxLength }, options),
  );
}

/** `YYYY-MM-DD`, a day that exists. */
export function IsDay(): PropertyDecorator {
  const validate = (value: unknown): boolean =>
    typeof value === 'string' && value.length === 10 && isDay(value);
  return applyDecorators(ValidateBy({ name: 'isDay', validator: { validate } }), ApiText({ format: 'date' }));
}

/** A whole number of a query string, strictly written: what is none stays a text, and is refused as one. */
export function IsWholeNumber(min: number, max: number): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => wholeNumber(value, min, max) ?? value),
    ValidateBy({ name: 'isWholeNumber', validator: { validate: Number.isSafeInteger } }),
  );
}

/** A lower-case code of a closed list; whether it stands in the list is the feature's affair. */
export function IsCode(options: Each = {}): PropertyDecorator {
  const pattern = '^[a-z][a-z0-9-]{0,63}$';
  return applyDecorators(Matches(new RegExp(pattern), options), ApiText({ pattern }, options));
}

/**
 * A part of a body, by its own class. `ValidateNested` alone lets a list pass in its place, whatever is in
 * it.
 */
export function IsPart(part: () => ClassConstructor<object>, options: Each = {}): PropertyDecorator {
  return applyDecorators(IsObject(options), ValidateNested(options), Type(part));
}

/**
 * An address written as it will be asked for: capitals, a port that goes without saying, dots and the like
 * would be changed in silence, and whoever lists it would find another than they gave.
 */
export function IsNormalUrl(): PropertyDecorator {
  const validate = (value: unknown): boolean => {
    if (typeof value !== 'string' || !URL.canParse(value)) return false;
    const { href, origin } = new URL(value);
    return value === href || value === origin;
  };
  return ValidateBy({ name: 'isNormalUrl', validator: { validate } });
}

function ApiText(schema: object, { each }: Each = {}): PropertyDecorator {
  return each === true
    ? ApiProperty({ type: 'array', items: { type: 'string', ...schema } })
    : ApiProperty({ type: 'string', ...schema });
}
