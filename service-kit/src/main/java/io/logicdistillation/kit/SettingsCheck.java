package io.logicdistillation.kit;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.convert.ConversionException;
import org.springframework.core.env.Environment;

/**
 * Reads every setting of ours before anything is made of them, so that whoever starts the service learns of all mistakes at once.
 * Spring alone would name the first, and the next one after the next start. Values are not told: they may be secrets.
 */
final class SettingsCheck implements BeanFactoryPostProcessor {
    private static final String OURS = "io.logicdistillation.";

    private final Environment environment;

    SettingsCheck(Environment environment) {
        this.environment = environment;
    }

    /** @throws WrongSettingsException if there is a mistake */
    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        // As Spring Boot itself binds them, with the editors of the context.
        Binder binder = new Binder(
                ConfigurationPropertySources.get(environment),
                new PropertySourcesPlaceholdersResolver(environment),
                null,
                beans::copyRegisteredEditorsTo);
        // Several records may read the same setting.
        Set<String> mistakes = new LinkedHashSet<>();
        for (String name : beans.getBeanDefinitionNames()) {
            Class<?> type = beans.getType(name, false);
            ConfigurationProperties properties = type == null || !type.getName().startsWith(OURS)
                    ? null
                    : AnnotatedElementUtils.findMergedAnnotation(type, ConfigurationProperties.class);
            if (type != null && properties != null) {
                Object read = binder.bindOrCreate(properties.value(), Bindable.of(type), new Collecting(mistakes));
                if (read instanceof NeededSettings needed) {
                    mistakes.addAll(needed.missing());
                    mistakes.addAll(needed.unusable());
                }
            }
        }
        mistakes.addAll(CertificateCheck.mistakes(binder));
        if (!mistakes.isEmpty()) {
            throw new WrongSettingsException(mistakes);
        }
    }

    /** Goes on after a mistake, as if the setting had not been given. */
    private static final class Collecting extends AbstractBindHandler {
        private final Set<String> mistakes;

        Collecting(Set<String> mistakes) {
            this.mistakes = mistakes;
        }

        @Override
        public @Nullable Object onFailure(
                ConfigurationPropertyName name, Bindable<?> target, BindContext context, Exception error) {
            mistakes.add(text(name, target, context.getConfigurationProperty(), error));
            return null;
        }

        private static String text(
                ConfigurationPropertyName name,
                Bindable<?> target,
                @Nullable ConfigurationProperty property,
                Exception error) {
            String from = Optional.ofNullable(property)
                    .filter(given -> given.getName().equals(name))
                    .map(given -> " (" + given.getOrigin() + ")")
                    .orElse("");
            if (isConversion(error)) {
                return name + from + " can not be read as a "
                        + target.getType().resolve(Object.class).getSimpleName();
            }
            return name + from + ": "
                    + NestedExceptionUtils.getMostSpecificCause(error).getMessage();
        }

        private static boolean isConversion(@Nullable Throwable error) {
            for (Throwable each = error; each != null; each = each.getCause()) {
                if (each instanceof ConversionException) {
                    return true;
                }
            }
            return false;
        }
    }
}
