using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>How a request comes in and an answer goes out.</summary>
internal sealed partial class HubServer
{
    private const string Rest = "/api/v3";
    private const string GraphQl = "/api/graphql";

    public async Task AnswerAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.Split('?')[0];
        if (!path.StartsWith("/api/", StringComparison.Ordinal))
        {
            if (await Orders.StandInTheWayAsync(context, target, "", answer: null))
                await AnswerGitAsync(context, path);
            return;
        }

        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        if (await Orders.StandInTheWayAsync(context, target, body, () => TellAsync(context, target, path, body)))
            await TellAsync(context, target, path, body);
    }

    private async Task TellAsync(HttpContext context, string target, string path, string body)
    {
        await oneAtATime.WaitAsync(context.RequestAborted);
        HubAnswer answer;
        try
        {
            answer = Answer(context, target, path, body);
        }
        catch (HubRefusal refusal)
        {
            answer = Refused(refusal);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Console.Error.WriteLine($"the imitation does not know better: {context.Request.Method} {target} {body}\n{error}");
            answer = new(500, new JsonObject { ["message"] = $"the imitation does not know better: {error}" });
        }
        finally
        {
            oneAtATime.Release();
        }

        var text = answer.Body?.ToJsonString();
        Transcript.Add(new(Now, context.Request.Method, target, body, answer.Status, text, answer.Ordered));
        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
            context.Response.Headers[name] = value;
        context.Response.Headers["X-GitHub-Enterprise-Version"] = Version;
        if (TokensEnd is { } end)
            context.Response.Headers["github-authentication-token-expiration"] = end.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        context.Response.Headers["X-GitHub-Request-Id"] = $"AB12:{Transcript.Count.ToString("X4", CultureInfo.InvariantCulture)}";
        context.Response.Headers.Date = Now.ToString("R", CultureInfo.InvariantCulture);
        if (text is not null && answer.Status is not (204 or 304))
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(text);
        }

        await Hooks.DeliverAsync();
    }

    private HubAnswer Answer(HttpContext context, string target, string path, string body)
    {
        var method = context.Request.Method;
        if (string.IsNullOrEmpty(context.Request.Headers.UserAgent))
            throw new HubRefusal(403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header");
        if (context.Request.Headers["X-GitHub-Api-Version"] is [{ } version] && version is not ("2022-11-28" or "2026-03-10"))
            throw new HubRefusal(400, $"The version {version} is not supported");
        var caller = Authenticate(context.Request.Headers.Authorization);
        var resource = path == GraphQl ? "graphql" : "core";
        if (Limits.Refuse(caller, resource) is { } limited)
            return limited;
        HubAnswer answer;
        if (path == GraphQl)
        {
            if (method != "POST" || caller.Account is null)
                throw new HubRefusal(401, "This endpoint requires you to be authenticated.");
            var asked = JsonNode.Parse(body)!.AsObject();
            var graph = new HubGraph(this, caller);
            answer = new(200, Orders.Graph(body) ?? graph.Answer(asked));
            answer = answer with { Ordered = Orders.Retells(answer.Body) };
            Limits.Count(caller, resource, method, target, graph.Cost);
        }
        else
        {
            if (!path.StartsWith(Rest + "/", StringComparison.Ordinal) || path.EndsWith('/'))
                throw HubRefusal.NotFound;
            var json = body.Length == 0 ? null : Parse(body);
            try
            {
                var call = new HubCall(this, caller, method, [.. path[(Rest.Length + 1)..].Split('/').Select(Uri.UnescapeDataString)], context.Request.Query, json, target);
                answer = call.Answer();
                if (method == "GET" && answer.Status == 200)
                    answer = Tagged(context, answer);
            }
            catch (HubRefusal refusal)
            {
                answer = Refused(refusal);
            }

            if (answer.Status != 304)
                Limits.Count(caller, resource, method, target, 1);
        }

        foreach (var (name, value) in Limits.Headers(caller, resource))
            answer.Headers[name] = value;
        return answer;
    }

    private static JsonObject? Parse(string body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (System.Text.Json.JsonException)
        {
            throw new HubRefusal(400, "Problems parsing JSON");
        }
    }

    private static HubAnswer Tagged(HttpContext context, HubAnswer answer)
    {
        var tag = $"W/\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{context.Request.Headers.Authorization} {context.Request.Headers.Accept} {answer.Body?.ToJsonString()}")))}\"";
        var same = context.Request.Headers.IfNoneMatch.ToString() == tag;
        var told = same ? new HubAnswer(304, null) : answer;
        foreach (var (name, value) in answer.Headers)
            told.Headers[name] = value;
        told.Headers["ETag"] = tag;
        return told;
    }

    private static HubAnswer Refused(HubRefusal refusal)
    {
        var body = new JsonObject { ["message"] = refusal.Message };
        if (refusal.Errors is not null)
            body["errors"] = refusal.Errors.DeepClone();
        body["documentation_url"] = "https://docs.github.com/rest";
        body["status"] = refusal.Status.ToString(CultureInfo.InvariantCulture);
        var answer = new HubAnswer(refusal.Status, body);
        if (refusal.Accepted is not null)
            answer.Headers["X-Accepted-GitHub-Permissions"] = refusal.Accepted;
        return answer;
    }
}

internal sealed record HubAnswer(int Status, JsonNode? Body)
{
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a story has put something into it that GitHub's descriptions do not allow.</summary>
    public bool Ordered { get; init; }
}
