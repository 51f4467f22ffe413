using GateKeeper.Reconcile;
using Microsoft.Extensions.Logging.Console;

namespace GateKeeper.Status;

/// <summary>Puts worker and page into one host.</summary>
internal static class Hosting
{
    private const int MostHeaderBytes = 16 << 10;

    /// <param name="house">The opened worker; the caller closes it after the host has stopped.</param>
    /// <param name="quiet">True where the terminal belongs to something else.</param>
    public static WebApplication Build(Gatehouse house, bool quiet)
    {
        // Nothing counts but the worker's own settings: no appsettings.json where it was started, no variables of the framework's.
        var builder = WebApplication.CreateEmptyBuilder(new() { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        // Tells systemd, where it started the worker, when it is ready and when it stops. What it says of the log's format is said again below.
        builder.Services.AddSystemd();
        if (!quiet)
            builder.Logging.AddLines();
        builder.WebHost.UseUrls(house.Settings.Page.Listen);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxRequestHeadersTotalSize = MostHeaderBytes;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MaxConcurrentConnections = 500;
        });
        builder.Services.AddSingleton(house);
        builder.Services.AddSingleton<GateWorker>();
        builder.Services.AddHostedService(services => services.GetRequiredService<GateWorker>());
        builder.Services.AddHostedService<Alarmist>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(30));
        var app = builder.Build();
        app.MapStatus(house, app.Services.GetRequiredService<GateWorker>());
        return app;
    }

    /// <summary>What ended one of the host's own services, which nothing should; null while all is well.</summary>
    public static Exception? Ended(this WebApplication app) =>
        app.Services.GetServices<IHostedService>().OfType<BackgroundService>().Select(service => service.ExecuteTask?.Exception?.GetBaseException()).FirstOrDefault(error => error is not null);

    public static void AddLines(this ILoggingBuilder logging)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        if (Console.IsOutputRedirected)
            logging.AddJsonConsole(options => (options.UseUtcTimestamp, options.TimestampFormat) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ"));
        else
            logging.AddSimpleConsole(options => (options.SingleLine, options.TimestampFormat, options.ColorBehavior) = (true, "HH:mm:ss ", LoggerColorBehavior.Disabled));
    }
}
