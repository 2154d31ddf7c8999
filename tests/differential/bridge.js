// Answers one JSON line for each JSON line: {policy, owner, request: {principal, action, resource, context}},
// with an organization's policies around it where `rcp` or `scp` holds one,
// becomes {"answer": "Allowed" | "ImplicitlyDenied" | "ExplicitlyDenied"} or {"error": message}.
import { createInterface } from 'node:readline'
import { createValidatedPolicy } from '@cloud-copilot/iam-policy'
import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate'

// Across accounts both sides must allow. The caller's own side allows everything, so the answer is the policy's.
const CALLER_ALLOWS_ALL = [
  {
    name: 'caller',
    policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
  }
]

// The unsafe simulation evaluates what it is given: it neither refuses a context key that it does not know nor
// drops one. It reads the policy's name, which a policy has only when it comes wrapped.
const named = (policy) => createValidatedPolicy(policy, () => [], { name: 'repository' })

// What AWS Organizations attaches itself: without them nothing would be allowed.
const FULL_ACCESS = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
const FULL_RCP_ACCESS = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }]
}

const around = (...policies) => [
  { orgIdentifier: 'root', policies: policies.map((policy, place) => ({ name: `guardrail${place}`, policy })) }
]

function answer({ policy, owner, request, rcp, scp }) {
  return runUnsafeSimulation(
    {
      request: {
        principal: request.principal,
        action: request.action,
        resource: { resource: request.resource, accountId: owner },
        contextVariables: request.context
      },
      identityPolicies: CALLER_ALLOWS_ALL,
      serviceControlPolicies: scp ? around(FULL_ACCESS, scp) : [],
      resourceControlPolicies: rcp ? around(FULL_RCP_ACCESS, rcp) : [],
      resourcePolicy: named(policy)
    },
    {}
  )
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  let reply
  try {
    reply = { answer: answer(JSON.parse(line)) }
  } catch (problem) {
    reply = { error: String(problem.message) }
  }
  process.stdout.write(JSON.stringify(reply) + '\n')
}
