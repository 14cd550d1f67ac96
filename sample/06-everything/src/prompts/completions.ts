import { Injectable } from '@nestjs/common';
import { McpCompletion, type McpCompletionArguments } from 'nestjs-mcp';

const WORDS = ['paris', 'park', 'party', 'test', 'testimony', 'text'];

/** What could follow, while a person types an argument. */
@Injectable()
export class Completions {
  @McpCompletion({ prompt: 'test_prompt_with_arguments', argument: 'arg1' })
  word({ value }: McpCompletionArguments): readonly string[] {
    return WORDS.filter((word) => word.startsWith(value));
  }

  @McpCompletion({ resource: 'test://template/{id}/data', argument: 'id' })
  id({ value }: McpCompletionArguments): readonly string[] {
    return ['1', '12', '123'].filter((id) => id.startsWith(value));
  }
}
