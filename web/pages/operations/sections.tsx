/** The pages of operations, on each of them. */
import { Link } from "@tanstack/react-router";

const sections = [
  ["/operations", "Health"],
  ["/operations/outbox", "Outbox"],
  ["/operations/revocations", "Bulk revocation"],
] as const;

export const Sections = () => (
  <nav aria-label="Operations" className="sections">
    {sections.map(([to, title]) => (
      <Link
        key={to}
        to={to}
        activeOptions={{ exact: to === "/operations", includeSearch: false }}
        activeProps={{ "aria-current": "page" }}
      >
        {title}
      </Link>
    ))}
  </nav>
);
