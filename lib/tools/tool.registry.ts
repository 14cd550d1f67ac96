import { Injectable } from '@nestjs/common';
import { OperationRegistry } from '../registry/operation.registry.js';
import type { Tool } from './tool.interface.js';

/** The tools of one server. */
@Injectable()
export class ToolRegistry extends OperationRegistry<Tool> {
  /** Clients that fold case must not mix two tools up. */
  protected override keysOf({ name }: Tool): readonly string[] {
    return [name.toLowerCase()];
  }
}
