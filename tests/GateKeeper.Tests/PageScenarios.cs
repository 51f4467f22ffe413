using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GateKeeper.Settings;
using GateKeeper.Status;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace GateKeeper.Tests;

/// <summary>The page and the commands, as authors, reviewers and their programs meet them.</summary>
public sealed class PageScenarios
{
    [Test]
    public async Task A_change_that_landed_shows_when_as_what_and_on_whose_word()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        var commit = await world.GitAsync("rev-parse", "refs/heads/main");
        await using var page = await OpenPage.OfAsync(world);
        using var terminal = new Terminal();

        var shown = await page.ReadAsync($"change/{change}");
        var begun = await page.ReadAsync($"change/{change[..10]}");
        var asked = await page.AskAsync($"changes/{change}");
        var landings = await page.AskAsync("landings");
        var explained = await terminal.RunAsync("explain", change[..10], "--at", page.Address);

        Assert.That(shown, Does.Contain("landed").And.Contain(commit).And.Contain("reviewer: ").And.Contain("bob@example.org</a>: approval on"));
        Assert.That(begun, Is.EqualTo(shown));
        Assert.That(asked.GetProperty("outcome").GetString(), Is.EqualTo("landed"));
        Assert.That(asked.GetProperty("landing").GetProperty("commit").GetString(), Is.EqualTo(commit));
        Assert.That(asked.GetProperty("runs").GetArrayLength(), Is.EqualTo(1));
        Assert.That(landings[0].GetProperty("votes")[0].GetProperty("by").GetString(), Is.EqualTo("bob@example.org"));
        Assert.That(explained.Code, Is.Zero, explained.Errors);
        Assert.That(explained.Output, Does.Contain($"as {commit}").And.Contain("- bob@example.org: approval on"));
    }

    [Test]
    public async Task A_worker_that_only_observes_says_so_wherever_people_look()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("one", "one.txt");
        await using var page = await OpenPage.OfAsync(world);
        await world.House.Loops[0].TickAsync(look: true, observing: true, default);
        using var terminal = new Terminal();

        var explained = await terminal.RunAsync("explain", change[..10], "--at", page.Address);

        Assert.That(await page.ReadAsync(""), Does.Contain("this worker only observes"));
        Assert.That(await page.ReadAsync($"change/{change}"), Does.Contain("this worker only observes"));
        Assert.That(explained.Output, Does.Contain("this worker only observes"), explained.Errors);
        Assert.That((await page.AskAsync($"changes/{change}")).GetProperty("observing").GetBoolean());
    }

    [Test]
    public async Task What_a_failed_test_printed_last_stands_once_wherever_its_author_looks_and_as_plain_text()
    {
        await using var world = await World.StartAsync(World.Rules.Replace("run: sh test.sh", """run: 'printf "\033[31mlast words\033[0m\n10%%\r100%%\n"; sh test.sh'""", StringComparison.Ordinal));
        var bad = await world.ProposeApprovedAsync("two", "bad");
        await world.SettleAsync();
        await world.SettleAsync();
        await using var page = await OpenPage.OfAsync(world);
        using var terminal = new Terminal();
        int Times(string text) => text.Split("last words").Length - 1;

        var run = (await page.AskAsync($"changes/{bad}")).GetProperty("runs")[0].GetProperty("id").GetInt64();
        var explained = await terminal.RunAsync("explain", bad[..10], "--at", page.Address);

        Assert.That(Times(await page.ReadAsync($"change/{bad}")), Is.EqualTo(1));
        Assert.That(Times(await page.ReadAsync("")), Is.Zero);
        Assert.That(Times(await page.ReadAsync($"run/{run}")), Is.EqualTo(1));
        Assert.That(Times(explained.Output), Is.EqualTo(1), explained.Output);
        Assert.That((await world.CommentsAsync(bad)).Select(Times), Has.Some.EqualTo(1).And.All.LessThan(2));
        Assert.That(await page.ReadAsync($"run/{run}/log"), Is.EqualTo("last words\n100%\n"));
    }

    [Test]
    public async Task An_author_asks_the_page_why_the_change_has_not_landed_and_a_reviewer_what_waits_for_him()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("one", "one.txt");
        await world.SettleAsync();
        await using var page = await OpenPage.OfAsync(world);
        using var terminal = new Terminal();

        var why = await terminal.RunAsync("explain", change[..10], "--at", page.Address);
        var waiting = await terminal.RunAsync("list", "--for", "carol@example.org", "--at", page.Address);
        var unknown = await terminal.RunAsync("explain", "0000000", "--at", page.Address);
        var nowhere = await terminal.RunAsync("explain", change[..10], "--config", "missing.json");
        var closed = await terminal.RunAsync("explain", change[..10], "--at", "http://127.0.0.1:1");
        var nosuch = await page.GetAsync("nosuch.html", null);
        var noapi = await page.GetAsync("api/v1/nosuch", null);
        var pasted = await terminal.RunAsync("explain", $"{page.Address}/change/tool/{change}", "--at", page.Address);

        Assert.That((why.Code, why.Output.Contains("0 of 1 approvals", StringComparison.Ordinal)), Is.EqualTo((1, true)), why.Output + why.Errors);
        foreach (var path in (string[])["", "nosuch.html", $"change/tool/{change}", "api/v1/trunks", "api/v1/nosuch"])
        {
            using var posted = await page.PostAsync(path);
            Assert.That(((int)posted.StatusCode, string.Join(", ", posted.Content.Headers.Allow)), Is.EqualTo((405, "GET, HEAD")), path);
        }

        Assert.That((pasted.Code, pasted.Output), Is.EqualTo((1, why.Output)), pasted.Errors);
        Assert.That(why.Output, Does.Contain("can be met by bob@example.org, carol@example.org"));
        Assert.That(((int)nosuch.StatusCode, (int)noapi.StatusCode), Is.EqualTo((404, 404)));
        Assert.That(await nosuch.Content.ReadAsStringAsync(), Does.Contain("There is no such page. <a href=\"/\">The overview</a>"));
        Assert.That(await noapi.Content.ReadAsStringAsync(), Does.Contain("\"error\": \"there is no such place"));
        Assert.That(waiting.Output, Does.Contain($"tool/{change[..10]}").And.Contain("Add one"));
        Assert.That((unknown.Code, unknown.Errors), Is.EqualTo((1, "gatekeeper: there is no change \"0000000\", open or landed; what was taken back or closed is not kept\n")));
        Assert.That((nowhere.Code, nowhere.Errors), Is.EqualTo((2, "gatekeeper: there are no settings at missing.json: the worker's page is asked with --at, such as --at https://gate.example.org; its operator names the settings with --config\n")));
        Assert.That((closed.Code, closed.Errors.StartsWith("gatekeeper: no worker answers at http://127.0.0.1:1", StringComparison.Ordinal)), Is.EqualTo((3, true)));
    }

    [Test]
    public async Task An_id_that_two_repositories_have_means_one_only_with_its_repositorys_name()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("one", "one.txt");
        await using var page = await OpenPage.OfAsync(world, with: settings => settings with { Repositories = [settings.Repositories[0], settings.Repositories[0] with { Name = "twin" }] });
        using var terminal = new Terminal();

        var both = await page.GetAsync($"change/{change}", null);
        var overview = await page.ReadAsync("");
        var bare = await terminal.RunAsync("explain", change, "--at", page.Address);
        var named = await terminal.RunAsync("explain", $"twin/{change[..10]}", "--at", page.Address);

        Assert.That((int)both.StatusCode, Is.EqualTo(404));
        Assert.That(await both.Content.ReadAsStringAsync(), Does.Contain($"<a href=\"/change/tool/{change}\">tool/{change[..10]}</a>").And.Contain($"<a href=\"/change/twin/{change}\">twin/{change[..10]}</a>"));
        Assert.That(await page.ReadAsync($"change/twin/{change}"), Does.Contain("for twin/main"));
        Assert.That((await page.AskAsync($"changes/tool/{change[..10]}")).GetProperty("name").GetString(), Is.EqualTo($"tool/{change}"));
        Assert.That((int)(await page.GetAsync($"change/gadgets/{change}", null)).StatusCode, Is.EqualTo(404));
        Assert.That(overview, Does.Contain($"href=\"/change/tool/{change}\"").And.Contain($"href=\"/change/twin/{change}\"").And.Not.Contain($"href=\"/change/{change}\""));
        Assert.That((bare.Code, bare.Errors), Is.EqualTo((1, $"gatekeeper: {change} may mean tool/{change} or twin/{change}\n")));
        Assert.That(named.Output, Does.Contain($"change   twin/{change}"), named.Errors);
    }

    [Test]
    public async Task A_number_is_not_the_beginning_of_another_and_the_one_of_another_repository_is_another()
    {
        await using var world = await World.StartAsync();
        await using var page = await OpenPage.OfAsync(world);
        foreach (var (trunk, number, title) in new[] { ("widgets/main", "12345", "Wide"), ("widgets/main", "5", "Five of widgets"), ("gadgets/main", "5", "Five of gadgets") })
            world.House.Notebook.Landed(new(trunk, new(number), new(new('a', 40)), new(new('b', 40)), title, new("ann"), world.Time.GetUtcNow(), "{}"));

        Assert.That(await page.ReadAsync("change/12345"), Does.Contain("Wide"));
        Assert.That((int)(await page.GetAsync("change/1234", null)).StatusCode, Is.EqualTo(404));
        Assert.That((int)(await page.GetAsync("change/5", null)).StatusCode, Is.EqualTo(404));
        Assert.That(await page.ReadAsync("change/gadgets/5"), Does.Contain("Five of gadgets"));
        Assert.That(await page.ReadAsync(""), Does.Contain("<a href=\"/change/widgets/5\">Five of widgets</a>"));
    }

    [Test]
    public async Task What_the_gate_says_on_the_forge_leads_to_the_changes_page_under_its_repositorys_name()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("one", "one.txt");
        await world.OpenAsync(with: settings => settings with { Page = settings.Page with { Address = "https://gate.example.org/" } });
        await world.SettleAsync();

        Assert.That(await world.GitAsync("notes", "--ref", "refs/notes/devtools/ci", "show", change), Does.Contain($"https://gate.example.org/change/tool/{change}\""));
    }

    [Test]
    public async Task A_page_with_a_token_opens_to_who_has_it_by_browser_by_program_and_by_command()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("one", "one.txt");
        await world.SettleAsync();
        await using var page = await OpenPage.OfAsync(world, token: "sesame");
        using var terminal = new Terminal();

        using var without = await page.GetAsync("", null);
        using var wrong = await page.GetAsync("", Basic("me:open"));
        using var browser = await page.GetAsync("", Basic("me:sesame"));
        using var program = await page.GetAsync("api/v1/trunks", new("Bearer", "sesame"));
        using var garbled = await page.GetAsync("", new("Basic", "%%%"));
        using var probe = await page.GetAsync("healthz", null);
        var refused = await terminal.RunAsync("explain", change[..10], "--at", page.Address);
        var told = await terminal.RunAsync("explain", change[..10], "--at", page.Address, "--token", "env:GATE_TOKEN");
        var careless = await terminal.RunAsync("explain", change[..10], "--at", page.Address, "--token", "sesame");

        Assert.That(new[] { without, wrong, garbled }.Select(answer => (int)answer.StatusCode), Has.All.EqualTo(401));
        Assert.That(without.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Basic realm=\"GateKeeper\""));
        Assert.That(new[] { browser, program, probe }.Select(answer => (int)answer.StatusCode), Has.All.EqualTo(200));
        Assert.That((refused.Code, refused.Errors.Contains("opens to its token only", StringComparison.Ordinal)), Is.EqualTo((2, true)));
        Assert.That(told.Output, Does.Contain("0 of 1 approvals"));
        Assert.That(careless.Code, Is.EqualTo(2));
    }

    [Test]
    public async Task The_page_says_what_is_wrong_with_the_trunk_and_who_is_who_and_stands_still_when_asked()
    {
        await using var world = await World.StartAsync();
        world.People.Push("main", "erin", "Break the trunk", new Dictionary<string, string?> { ["bad"] = "x\n" });
        await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        await using var page = await OpenPage.OfAsync(world);

        var overview = await page.ReadAsync("");
        var still = await page.ReadAsync("?still");
        var run = await page.AskAsync("runs/1");

        Assert.That(overview, Does.Contain("The trunk itself fails unit (red)"));
        Assert.That(overview, Does.Contain("<a href=\"/for/ann%40example.org\">ann@example.org</a>"));
        Assert.That(overview, Does.Contain("http-equiv=\"refresh\"").And.Contain("href=\"?still\"").And.Not.Contain("role=\"alert\""));
        Assert.That(still, Does.Not.Contain("http-equiv=\"refresh\"").And.Contain("href=\"?\""));
        Assert.That(await page.ReadAsync("for/ann@example.org"), Does.Contain("Nothing."));
        Assert.That(await page.ReadAsync("for/zoe@example.org"), Does.Contain("No group, change or gate here speaks of zoe@example.org"));
        Assert.That(run.GetProperty("outcome").GetString(), Is.EqualTo("failed"));
        Assert.That((int)(await page.GetAsync("api/v1/runs/99999", null)).StatusCode, Is.EqualTo(404));
        Assert.That((await page.AskAsync("trunks"))[0].GetProperty("red")[0].GetString(), Is.EqualTo("unit"));
    }

    [Test]
    public async Task Who_looks_for_himself_by_his_address_is_shown_the_account_that_may_be_meant()
    {
        await using var world = await World.StartAsync(trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        people.Push("ann", "one", "one.txt");
        await people.ProposeAsync("ann", "one");
        await using var page = await OpenPage.OfAsync(world);

        Assert.That(await page.ReadAsync("for/bob@example.org"), Does.Contain("is <a href=\"/for/bob\">bob</a> meant?"));
        Assert.That(await page.ReadAsync("for/bob"), Does.Contain("0 of 1 approvals"));
    }

    [TestCase("ana", "ana")]
    [TestCase("@core", "a member of core")]
    [TestCase("@anyone", "anyone")]
    public void Who_can_meet_something_is_said_in_words(string cure, string words) => Assert.That(Whom.Say(cure), Is.EqualTo(words));

    [Test]
    public void A_lost_run_was_the_infrastructures() =>
        Assert.That(RunView.Say(new(1, "tool/main", "unit", "", new("1"), default, default, default, "", "", default, null, "Lost", "", "")), Is.EqualTo("infrastructure lost"));

    [Test]
    public async Task The_plan_as_json_is_one_document()
    {
        await using var world = await World.StartAsync();
        await world.ProposeAsync("one", "one.txt");
        using var terminal = new Terminal();
        var settings = terminal.Write("settings.json", JsonSerializer.Serialize(new
        {
            repositories = new[] { new { name = "tool", forge = "git", url = world.Url, identity = "trusted" }, new { name = "twin", forge = "git", url = world.Url, identity = "trusted" } },
            store = "sqlite:" + world.Settings.Store,
            work = world.Settings.Work,
        }));

        var plan = await terminal.RunAsync("plan", "--format", "json", "--config", settings);

        Assert.That(plan.Code, Is.Zero, plan.Errors);
        Assert.That(JsonDocument.Parse(plan.Output).RootElement.EnumerateArray().Select(trunk => trunk.GetProperty("trunk").GetString()), Is.EqualTo(new[] { "tool/main", "twin/main" }));
    }

    private static AuthenticationHeaderValue Basic(string pair) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));

    /// <summary>The page of a world's gate, on a port of its own.</summary>
    private sealed class OpenPage(WebApplication app, HttpClient client) : IAsyncDisposable
    {
        public string Address => client.BaseAddress!.ToString();

        public static async Task<OpenPage> OfAsync(World world, string? token = null, Func<GateSettings, GateSettings>? with = null)
        {
            await world.CloseAsync();
            var from = token is null ? null : Path.Combine(world.People.Directory, "page.token");
            if (from is not null)
                await File.WriteAllTextAsync(from, token + "\n");
            await world.OpenAsync(with: settings => (with?.Invoke(settings) ?? settings) with { Page = new PageSettings("http://127.0.0.1:0", null, from is null ? null : $"file:{from}") });
            await world.SettleAsync();
            var app = Hosting.Build(world.House, quiet: true);
            await app.StartAsync();
            return new(app, new() { BaseAddress = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) });
        }

        public Task<string> ReadAsync(string path) => client.GetStringAsync(new Uri(path, UriKind.Relative));

        public async Task<JsonElement> AskAsync(string path) => JsonDocument.Parse(await ReadAsync($"api/v1/{path}")).RootElement;

        public async Task<HttpResponseMessage> GetAsync(string path, AuthenticationHeaderValue? with)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative)) { Headers = { Authorization = with } };
            return await client.SendAsync(request);
        }

        public Task<HttpResponseMessage> PostAsync(string path) => client.PostAsync(new Uri(path, UriKind.Relative), null);

        public async ValueTask DisposeAsync()
        {
            await app.StopAsync();
            client.Dispose();
            await app.DisposeAsync();
        }
    }
}
