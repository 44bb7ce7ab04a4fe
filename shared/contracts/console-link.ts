/** How a new sign-in link is made, as refusals say it; `web/parts/link-commands.tsx` shows the same. */
export const newLinkBy =
  "`npx trstctl console`, of a deployment on AWS by `npx trstctl console --stack <name> --tenant <id>`";
