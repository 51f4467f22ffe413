using GateKeeper.Tests.Gerrit.Imitation;
using GateKeeper.Tests.Servers;

namespace GateKeeper.Tests.Gerrit;

/// <summary>A place on an imitated server, which is there at once and for this story alone.</summary>
internal sealed class FakeGerrit : GerritPlace
{
    private readonly LocalServer local;
    private readonly FakeServer server;

    private FakeGerrit(LocalServer local, FakeServer server, Doorway doorway)
        : base(local.Addresses[0], local.Addresses[1], doorway) => (this.local, this.server) = (local, server);

    /// <summary>While the index lags, searches do not know yet what happened since; a change that is read by itself is always fresh.</summary>
    public bool IndexLags
    {
        get => server.IndexLags;
        set => server.IndexLags = value;
    }

    public static async Task<GerritPlace> OpenAsync()
    {
        var (server, doorway) = (new FakeServer(TimeProvider.System), new Doorway());
        var local = await LocalServer.StartAsync(server.AnswerAsync, context => doorway.PassAsync(context, server.AnswerAsync));
        server.Address = local.Addresses[0];
        var place = new FakeGerrit(local, server, doorway);
        await PrepareServerAsync(server.Address);
        return place;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await local.DisposeAsync();
        server.Dispose();
    }
}
