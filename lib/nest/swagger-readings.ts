import type { Type } from '@nestjs/common';
import type { SwaggerPackage } from './swagger-document.js';
import type { SwaggerOptions } from './swagger-metadata.js';
import { swaggerModel, type SwaggerModel } from './swagger-model.js';

/** What `@nestjs/swagger` said so far, so that nothing is asked twice. */
export class SwaggerReadings {
  private readonly models = new Map<Type<unknown>, SwaggerModel | undefined>();
  private readonly parameters = new Map<
    Type<unknown>,
    readonly SwaggerOptions[]
  >();

  constructor(private readonly swagger: SwaggerPackage) {}

  /**
   * Undefined for a class of which `@nestjs/swagger` makes no schema.
   *
   * @throws what `@nestjs/swagger` throws for metadata that it cannot read
   */
  modelOf(type: Type<unknown>): SwaggerModel | undefined {
    if (!this.models.has(type)) {
      this.models.set(type, swaggerModel(type, this.swagger));
    }
    return this.models.get(type);
  }

  /** Parameters that every route of a controller has, read when first asked for. */
  parametersOf(
    controller: Type<unknown>,
    read: () => readonly SwaggerOptions[],
  ): readonly SwaggerOptions[] {
    const known = this.parameters.get(controller) ?? read();
    this.parameters.set(controller, known);
    return known;
  }
}
