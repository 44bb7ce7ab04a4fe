import "./operations.css";
import { Circuits } from "./circuits.tsx";
import { Health } from "./health.tsx";
import { Limits } from "./limits.tsx";
import { Projections } from "./projections.tsx";
import { Sections } from "./sections.tsx";

export default function Operations() {
  return (
    <>
      <h1>Operations</h1>
      <Sections />
      <Health />
      <Circuits />
      <Projections />
      <Limits />
    </>
  );
}
