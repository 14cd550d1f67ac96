import type Provider from 'oidc-provider';

type Interaction = InstanceType<Provider['Interaction']>;

/**
 * Ends the login of somebody else in the same browser, before another person
 * goes on there. The provider would do it by a page of its own, with a script,
 * and would revoke what the first person had allowed.
 */
export async function leaveOtherAccount(
  provider: Provider,
  interaction: Interaction,
  subject: string,
): Promise<void> {
  const { session } = interaction;
  if (session?.accountId === undefined || session.accountId === subject) {
    return;
  }
  const other = await provider.Session.findByUid(session.uid);
  await other?.destroy();
  delete interaction.session;
  await interaction.save(remainingSeconds(interaction));
}

/** For how long an interaction is still kept, at least 1. */
export function remainingSeconds({ exp }: { readonly exp: number }): number {
  return Math.max(1, exp - Math.floor(Date.now() / 1000));
}
