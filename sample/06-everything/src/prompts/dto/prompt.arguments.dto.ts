import { IsString } from 'class-validator';

/** Arguments of `test_prompt_with_arguments`. */
export class TwoArguments {
  /** The first argument. */
  @IsString()
  arg1: string;

  /** The second argument. */
  @IsString()
  arg2: string;
}

/** Arguments of `test_prompt_with_embedded_resource`. */
export class ResourceArguments {
  /** The resource to embed. */
  @IsString()
  resourceUri: string;
}

/** What `test_input_required_result_prompt` asks for. */
export class PromptContext {
  @IsString()
  context: string;
}
