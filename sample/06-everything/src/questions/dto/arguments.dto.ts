import { IsString } from 'class-validator';

/** Arguments of `test_elicitation`. */
export class MessageArguments {
  /** What to ask. */
  @IsString()
  message: string;
}

/** Arguments of `test_sampling`. */
export class PromptTextArguments {
  /** What to ask the client's model. */
  @IsString()
  prompt: string;
}
