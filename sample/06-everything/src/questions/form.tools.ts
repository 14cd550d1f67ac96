import { Injectable } from '@nestjs/common';
import { type McpContext, McpTool } from 'nestjs-mcp';
import { CHOICE_FORM, PROFILE_FORM } from './form.schemas.js';

type Answer = Awaited<ReturnType<McpContext['elicit']>>;

/** Forms by hand, for what a DTO cannot say. */
@Injectable()
export class FormTools {
  @McpTool({
    name: 'test_elicitation_sep1034_defaults',
    description: 'Shows the person a form that is filled in already.',
  })
  async defaults(_arguments: unknown, context: McpContext): Promise<string> {
    return told(await context.elicit('Is your profile right?', PROFILE_FORM));
  }

  @McpTool({
    name: 'test_elicitation_sep1330_enums',
    description: 'Has the person choose.',
  })
  async choices(_arguments: unknown, context: McpContext): Promise<string> {
    return told(await context.elicit('What would you like?', CHOICE_FORM));
  }
}

const told = (answer: Answer): string =>
  `Elicitation completed: action=${answer.action}, content=${JSON.stringify(
    answer.action === 'accept' ? answer.content : {},
  )}`;
