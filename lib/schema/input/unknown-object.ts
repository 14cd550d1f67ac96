import type { RouteArgument } from '../../nest/route.interface.js';
import { isClass } from '../classes/design-type.schema.js';

const REMEDIES = {
  body: 'document it with @ApiBody()',
  query: 'document the keys with @ApiQuery()',
} as const;

const MEMBERS = { body: 'fields', query: 'keys' } as const;

/**
 * What to tell the developer of a whole `@Body()`, as an object or a list, or `@Query()` of which
 * nothing is known, and what to do about it.
 */
export function unknownObjectWarning(
  { type }: RouteArgument,
  place: 'body' | 'query' | 'list',
): string {
  if (place === 'list') {
    return (
      'reads its whole body as an array, and nothing tells of what: write ' +
      '@Body(new ParseArrayPipe({ items: Item })), or document it with @ApiBody().'
    );
  }
  const remedy = REMEDIES[place];
  if (type === undefined) {
    return (
      `reads its whole ${place}, and TypeScript wrote down no type for it: set ` +
      `"emitDecoratorMetadata" in tsconfig.json ("decoratorMetadata" for SWC), or ${remedy}.`
    );
  }
  if (isClass(type)) {
    return (
      `reads its whole ${place} as ${type.name}, a class without metadata, so none of its ` +
      `${MEMBERS[place]} is known: decorate its properties (class-validator, @ApiProperty()), or ${remedy}. ` +
      'Under SWC, the plugin of @nestjs/swagger needs SwaggerModule.loadPluginMetadata().'
    );
  }
  return (
    `reads its whole ${place} without a class that has metadata, so none of its ` +
    `${MEMBERS[place]} is known: type it with a DTO class, or ${remedy}.`
  );
}
