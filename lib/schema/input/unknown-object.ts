import type { RouteArgument } from '../../nest/route.interface.js';
import { isClass } from '../classes/design-type.schema.js';

const REMEDIES = {
  body: 'document it with @ApiBody()',
  query: 'document the keys with @ApiQuery()',
} as const;

const MEMBERS = { body: 'fields', query: 'keys' } as const;

/**
 * What to tell the developer of a `@Body()`, whole or one field of it, as an object or a list, or of a
 * whole `@Query()`, where nothing is known of it, and what to do about it.
 */
export function unknownObjectWarning(
  { type, field }: RouteArgument,
  place: 'body' | 'query' | 'list',
): string {
  const what =
    field === undefined
      ? `its whole ${place === 'list' ? 'body' : place}`
      : `"${field}" of its body`;
  if (place === 'list') {
    const name = field === undefined ? '' : `'${field}', `;
    return (
      `reads ${what} as an array, and nothing tells of what: write ` +
      `@Body(${name}new ParseArrayPipe({ items: Item })), or document it with @ApiBody().`
    );
  }
  const remedy = REMEDIES[place];
  if (type === undefined) {
    return (
      `reads ${what}, and TypeScript wrote down no type for it: set ` +
      `"emitDecoratorMetadata" in tsconfig.json ("decoratorMetadata" for SWC), or ${remedy}.`
    );
  }
  if (isClass(type)) {
    return (
      `reads ${what} as ${type.name}, a class without metadata, so none of its ` +
      `${MEMBERS[place]} is known: decorate its properties (class-validator, @ApiProperty()), or ${remedy}. ` +
      'Under SWC, the plugin of @nestjs/swagger needs SwaggerModule.loadPluginMetadata().'
    );
  }
  return (
    `reads ${what} without a class that has metadata, so none of its ` +
    `${MEMBERS[place]} is known: type it with a DTO class, or ${remedy}.`
  );
}
