import "./operations.css";
import { Circuits } from "./circuits.tsx";
import { Sections } from "./sections.tsx";

export default function Operations() {
  return (
    <>
      <h1>Operations</h1>
      <Sections />
      <Circuits />
    </>
  );
}
