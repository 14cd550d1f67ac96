import type { Type } from '@nestjs/common';

/** What a client can ask a server for by name. @publicApi */
export type OperationKind = 'tool' | 'resource' | 'prompt' | 'completion';

/** One thing that a server offers, and the code behind it. */
export interface Operation {
  readonly kind: OperationKind;
  /** Name of the tool or prompt; URI or URI template of the resource. */
  readonly name: string;
  /** Controller or provider, and its method: the carriers of decorators. */
  readonly owner: Type<unknown>;
  readonly handler: object;
  /** For messages: `GET /countries/:code (CountriesController.findOne)`. */
  readonly origin: string;
}
