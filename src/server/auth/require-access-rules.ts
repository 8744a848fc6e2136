import type { INestApplication } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ACCESS } from '../common/access/index.js';

const ROUTE = 'path';

/** Refuses to start while any route of any controller does not say who may call it. */
export function requireAccessRules(app: INestApplication): void {
  const reflector = app.get(Reflector);
  const scanner = new MetadataScanner();
  for (const { instance } of app.get(DiscoveryService, { strict: false }).getControllers()) {
    const prototype = Object.getPrototypeOf(instance) as Record<string, (...args: never[]) => unknown>;
    for (const name of scanner.getAllMethodNames(prototype)) {
      const handler = prototype[name];
      if (!handler || !Reflect.hasMetadata(ROUTE, handler)) continue;
      if (reflector.get(ACCESS, handler) === undefined)
        throw new Error(`${prototype.constructor.name}.${name} has no @Access`);
    }
  }
}
