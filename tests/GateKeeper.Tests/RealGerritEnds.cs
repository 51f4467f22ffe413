using GateKeeper.Tests.Gerrit;

namespace GateKeeper.Tests;

/// <summary>Whatever ran on the real server, it ends with the last test of all, wherever that one is told.</summary>
[SetUpFixture]
public sealed class RealGerritEnds
{
    [OneTimeTearDown]
    public void End() => RealGerritServer.End();
}
