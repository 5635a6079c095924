/** The package's bundle runs under Node, its typed entry does not: the types are taken from the one for the other. */
declare module 'adaptivecards/dist/adaptivecards.js' {
  export { AdaptiveCard, SerializationContext, ValidationEvent } from 'adaptivecards';
}
