import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** A fenced block of a Markdown text. */
export interface CodeBlock {
  /** The words after the three backticks: `ts runnable: cats_list`. */
  readonly info: string;
  readonly code: string;
  /** Where the code starts, counted from 1. */
  readonly line: number;
}

/** The fenced blocks of a Markdown text whose info string starts with `language`. */
export function codeBlocks(markdown: string, language: string): CodeBlock[] {
  return [...markdown.matchAll(/^```(\S.*)\n([^]*?)^```$/gm)]
    .map(({ 1: info = '', 2: code = '', index }) => ({
      info,
      code,
      line: markdown.slice(0, index).split('\n').length + 1,
    }))
    .filter(({ info }) => info.split(' ', 1)[0] === language);
}

/** The rows of the table below a heading: the cells, without the header. */
export function tableBelow(markdown: string, heading: string): string[][] {
  const [, below = ''] = markdown.split(`\n### \`${heading}\`\n`);
  const [section = ''] = below.split(/\n#/, 1);
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/**
 * The members of an exported interface, or of a choice between objects, each
 * with its `@default` comment.
 */
export function interfaceMembers(
  file: string,
  name: string,
): Map<string, string | undefined> {
  const source = ts.createSourceFile(
    file,
    readFileSync(file, 'utf8'),
    ts.ScriptTarget.ES2023,
    true,
  );
  const members = source.statements.flatMap((statement) =>
    'name' in statement &&
    (statement.name as ts.Identifier | undefined)?.text === name
      ? membersOf(statement)
      : [],
  );
  return new Map(
    members.map((member) => {
      const tag = ts
        .getJSDocTags(member)
        .find(({ tagName }) => tagName.text === 'default');
      return [
        member.name?.getText(source) ?? '',
        tag && ts.getTextOfJSDocComment(tag.comment),
      ];
    }),
  );
}

function membersOf(node: ts.Node): readonly ts.TypeElement[] {
  if (ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node)) {
    return node.members;
  }
  if (ts.isTypeAliasDeclaration(node)) {
    return membersOf(node.type);
  }
  return ts.isUnionTypeNode(node) ? node.types.flatMap(membersOf) : [];
}
