import { Injectable } from '@nestjs/common';
import { OperationRegistry } from '../registry/operation.registry.js';
import type { Prompt } from './prompt.interface.js';

/** The prompts of one server. */
@Injectable()
export class PromptRegistry extends OperationRegistry<Prompt> {}
