import { Injectable } from '@nestjs/common';
import { OperationRegistry } from '../registry/operation.registry.js';
import type { Completion } from './completion.interface.js';

/** The completions of one server. */
@Injectable()
export class CompletionRegistry extends OperationRegistry<Completion> {}
