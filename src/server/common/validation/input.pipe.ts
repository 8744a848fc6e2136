import { ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import * as transformerPackage from 'class-transformer';
import * as validatorPackage from 'class-validator';
import type { ValidationError } from 'class-validator';
import { pointerOf } from '../../../protocol/encoding/errors.js';
import { DomainError, type Detail, type Place } from '../errors/index.js';

/** What class-validator has found, until it is known whether it is of a body or of parameters. */
class Misfit extends Error {
  constructor(readonly found: readonly ValidationError[]) {
    super('misfit');
  }
}

/** A name of a parameter that no route knows is repeated only where it looks like one. */
const NAME = /^[a-z][A-Za-z_]{0,31}$/;

/**
 * Holds every body, query and path to its class. Unknown members are refused; the answer says where, and no
 * value.
 */
export class InputPipe extends ValidationPipe {
  constructor() {
    super({
      // named here, as the framework would look for them only with the first request
      validatorPackage,
      transformerPackage,
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      transform: true,
      exceptionFactory: (found) => new Misfit(found),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    try {
      return (await super.transform(value, metadata)) as unknown;
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      throw new DomainError('input_invalid', ...placesOf(error.found, metadata.type === 'body'));
    }
  }
}

function placesOf(found: readonly ValidationError[], isBody: boolean): Place[] {
  const places = found.flatMap((error) => leavesOf(error, []));
  if (places.length === 0) return [{ pointer: '', detail: 'missing' }];
  return places.map(({ path, detail }) => {
    const [name = ''] = path;
    if (isBody) return { pointer: pointerOf(path), detail };
    return NAME.test(name) ? { parameter: name, detail } : { parameter: '', detail };
  });
}

/** The members that are wrong themselves, each by its path. */
function leavesOf(
  { property, value, constraints, children = [] }: ValidationError,
  before: readonly string[],
): { path: string[]; detail: Detail }[] {
  const path = property ? [...before, property] : [...before];
  const within = children.flatMap((child) => leavesOf(child, path));
  if (constraints === undefined) return within;
  const isUnknown = 'whitelistValidation' in constraints;
  return [...within, { path, detail: isUnknown ? 'unknown' : value === undefined ? 'missing' : 'form' }];
}
