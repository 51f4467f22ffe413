using GateKeeper.Git;

namespace GateKeeper.Tests;

/// <summary>What the stories start begins with the default actions of signals, also where the tests run in the background.</summary>
[SetUpFixture]
public sealed class OrdinarySignals
{
    [OneTimeSetUp]
    public void Reset() => Signals.Default();
}
