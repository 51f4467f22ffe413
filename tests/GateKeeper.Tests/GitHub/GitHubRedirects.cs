using GateKeeper.Forges;
using GateKeeper.Forges.GitHub;
using GateKeeper.Tests.Servers;
using Microsoft.AspNetCore.Http;
using Place = GateKeeper.Forges.GitHub.GitHubPlace;

namespace GateKeeper.Tests.GitHub;

/// <summary>A repository that was renamed is found where it is now, and the credential goes to no other host.</summary>
public sealed class GitHubRedirects
{
    [Test]
    public async Task A_renamed_repository_is_followed_on_the_same_host()
    {
        await using var server = await LocalServer.StartAsync(async context =>
        {
            if (context.Request.Path.Value!.Contains("/repos/acme/old/", StringComparison.Ordinal))
            {
                context.Response.StatusCode = 301;
                context.Response.Headers.Location = "/api/v3/repositories/501/installation";
                return;
            }

            context.Response.StatusCode = context.Request.Headers.Authorization == "Bearer the-token" ? 200 : 401;
            await context.Response.WriteAsync("""{"id":7}""");
        });
        using var client = Client(server);

        var found = await client.GetAsync("repos/acme/old/installation", GitHubJson.Default.InstallationDto, default);

        Assert.That(found.Id, Is.EqualTo(7));
    }

    [Test]
    public async Task Another_host_is_not_followed_and_sees_nothing()
    {
        var seen = new List<string>();
        await using var elsewhere = await LocalServer.StartAsync(context =>
        {
            seen.Add($"{context.Request.Path} {context.Request.Headers.Authorization}");
            return Task.CompletedTask;
        });
        await using var server = await LocalServer.StartAsync(context =>
        {
            context.Response.StatusCode = 301;
            context.Response.Headers.Location = $"{elsewhere.Addresses[0]}api/v3/repos/acme/old/installation";
            return Task.CompletedTask;
        });
        using var client = Client(server);

        Assert.That(async () => await client.GetAsync("repos/acme/old/installation", GitHubJson.Default.InstallationDto, default), Throws.TypeOf<ForgeException>().With.Message.Contains("301").And.Message.Not.Contains("the-token"));
        Assert.That(seen, Is.Empty);
    }

    private static GitHubClient Client(LocalServer server)
    {
        var time = new ManualTime();
        var place = new Place(server.Addresses[0], "acme", "old", ["main"], null);
        return new(place, new Line(place, new TokenLogin("the-token"), new Budget(time), time));
    }
}
